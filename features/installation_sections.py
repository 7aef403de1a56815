"""The parts of an installation's page that are tables of their own, each bounded."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from features.activation.showing import activation_pill
from features.admin_shows import change_pill, feature_label, feature_pill
from features.configuration.feature_section import card_pill
from features.disagreements import disagreements
from features.models import AccessToken, Change, Feature, Installation
from partners.display import facts

MOST_FEATURES = 100
MOST_CHANGES = 20
MOST_TOKENS = 20


def features_section(installation: Installation) -> SafeString:
    """The features installed now, those removed folded away, and where the top-level assets say something else."""
    of_installation = Feature.objects.filter(installation=installation).select_related("wanted", "activation")
    living = list(of_installation.filter(removed_at=None).order_by("pk")[: MOST_FEATURES + 1])
    removed = list(of_installation.exclude(removed_at=None).order_by("-removed_at")[: MOST_FEATURES + 1])
    pairs = [(each.feature_instance_id, each.connected_assets) for each in living]
    context = {
        "installation": installation,
        "living": [_card(each) for each in living[:MOST_FEATURES]],
        "removed": [_card(each) for each in removed[:MOST_FEATURES]],
        "are_cut": max(len(living), len(removed)) > MOST_FEATURES,
        "disagreements": disagreements(installation.assets, pairs),
    }
    return render_to_string("admin/portal/features.html", context)


def tokens_section(installation: Installation) -> SafeString:
    """The access tokens by kind and age, without the tokens."""
    tokens = AccessToken.objects.filter(installation=installation).defer("sealed").order_by("-received_at")
    return render_to_string("admin/portal/tokens.html", {"tokens": tokens[:MOST_TOKENS]})


def changes_section(installation: Installation) -> SafeString:
    """The newest changes, and the way to all of them."""
    rows = Change.objects.filter(installation=installation).select_related("feature").order_by("-pk")
    changes = [{"row": each, "pill": change_pill(each)} for each in rows[:MOST_CHANGES]]
    return render_to_string("admin/portal/changes.html", {"changes": changes, "installation": installation})


def _card(feature: Feature) -> dict[str, object]:
    return {
        "row": feature,
        "label": feature_label(feature.feature_type),
        "pill": feature_pill(feature),
        "activation_pill": activation_pill(feature),
        "configuration_pill": card_pill(feature),
        "assets": facts(feature.connected_assets),
        "info": facts(feature.additional_info) if feature.additional_info else "",
        "configuration": facts(feature.configuration) if feature.configuration else "",
    }
