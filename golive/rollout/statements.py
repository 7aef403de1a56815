"""The rollout's questions to the database: it counts, so memory does not grow with the businesses."""

# One row for each business: the arm that it met first, and in that arm the best of its attempts. That staff chose its
# arm is told by what it met in a chosen one, also after the choice was taken back, and by the choices that there are.
_FIRST = """
    WITH met AS (
        SELECT business_id, use_minimal_onboarding AS is_minimal, is_arm_chosen, first_at AS met_at, NULL::int AS step,
            NULL::timestamptz AS started_at, NULL::timestamptz AS connected_at
        FROM onboarding_showing WHERE entry_point_id = %(entry_point)s
        UNION ALL
        SELECT business_id, use_minimal_onboarding, is_arm_chosen, started_at,
            CASE WHEN outcome IN ('returned', 'succeeded') THEN 1 WHEN outcome = 'cancelled' THEN 2
                WHEN outcome = 'failed' OR (outcome = 'expired' AND way_in = 'login') THEN 3 ELSE 4 END,
            started_at, connected_at
        FROM onboarding_onboardingattempt WHERE entry_point_id = %(entry_point)s
    ), in_arm AS (
        SELECT business_id, is_minimal, min(met_at) AS met_at, min(step) AS step, min(started_at) AS started_at,
            min(connected_at) AS connected_at, count(*) OVER of_business > 1 AS has_met_both,
            bool_or(bool_or(is_arm_chosen)) OVER of_business AS was_chosen
        FROM met GROUP BY business_id, is_minimal
        WINDOW of_business AS (PARTITION BY business_id)
    ), first AS (
        SELECT DISTINCT ON (business_id) business_id, is_minimal, step, connected_at, was_chosen,
            has_met_both AND connected_at IS NULL AS is_moved,
            greatest(0, extract(epoch FROM connected_at - started_at)) / 60 AS minutes
        FROM in_arm ORDER BY business_id, met_at, is_minimal
    ), told AS (
        SELECT first.*, was_chosen OR chosen.id IS NOT NULL AS is_chosen
        FROM first LEFT JOIN onboarding_armoverride chosen
            ON chosen.entry_point_id = %(entry_point)s AND chosen.business_id = first.business_id
    )
"""

# For each arm: businesses at each step, and of the features of those connected the mean and the standard deviation.
COUNTS = f"""{_FIRST}
    SELECT is_chosen, is_minimal, count(*), count(step), count(*) FILTER (WHERE step = 1),
        count(*) FILTER (WHERE step = 2), count(*) FILTER (WHERE step = 3), count(*) FILTER (WHERE step = 4),
        count(connected_at), count(*) FILTER (WHERE is_moved), avg(features)::float8, stddev_samp(features)::float8
    FROM (
        SELECT told.*, CASE WHEN connected_at IS NOT NULL AND NOT is_chosen THEN (
            SELECT count(*) FROM features_installation installation JOIN features_feature feature
                ON feature.installation_id = installation.id
            WHERE installation.meta_app_id = %(meta_app)s AND installation.business_id = told.business_id
                AND feature.removed_at IS NULL AND NOT feature.is_implied
        ) END AS features
        FROM told
    ) counted
    GROUP BY is_chosen, is_minimal
"""

# For each arm: the median of the minutes, and the values at two ranks, given as shares of those connected.
MINUTES = f"""{_FIRST}
    SELECT is_minimal, percentile_cont(0.5) WITHIN GROUP (ORDER BY minutes)::float8,
        percentile_disc(CASE WHEN is_minimal THEN %(new_low)s::float8 ELSE %(old_low)s::float8 END)
            WITHIN GROUP (ORDER BY minutes)::float8,
        percentile_disc(CASE WHEN is_minimal THEN %(new_high)s::float8 ELSE %(old_high)s::float8 END)
            WITHIN GROUP (ORDER BY minutes)::float8
    FROM told WHERE connected_at IS NOT NULL AND NOT is_chosen
    GROUP BY is_minimal
"""
