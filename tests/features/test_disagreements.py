"""Where top-level assets and a feature's own say different things."""

from features.disagreements import Disagreement, disagreements


def test_the_same_ids_agree() -> None:
    assets = {"catalog_id": "1", "pages": ["2", "3"], "instagram_profiles": ["4"]}
    assert disagreements(assets, [("f", {"catalog_id": "1", "page_id": "3", "ig_profile_id": "4"})]) == []


def test_another_catalog_disagrees() -> None:
    found = disagreements({"catalog_id": "1"}, [("f", {"catalog_id": "9"}), ("g", {"catalog_id": "1"})])
    assert found == [Disagreement("f", "catalog_id", "9", ("1",))]


def test_a_page_may_stand_in_any_list_of_the_top_level() -> None:
    assert disagreements({"pages": ["1"], "profiles": ["2"]}, [("f", {"page_id": "2"})]) == []


def test_what_the_top_level_does_not_name_at_all_is_no_disagreement() -> None:
    assert disagreements({"pixel_id": "1"}, [("f", {"page_id": "2", "catalog_id": "3"})]) == []


def test_lists_of_a_feature_are_compared_one_by_one() -> None:
    found = disagreements({"catalog_id": "1"}, [("f", {"catalog_id": ["1", "2"]})])
    assert [each.of_feature for each in found] == ["2"]


def test_objects_are_left_alone() -> None:
    assert disagreements({"shop": {"id": "1"}}, [("f", {"shop": {"id": "2"}})]) == []
