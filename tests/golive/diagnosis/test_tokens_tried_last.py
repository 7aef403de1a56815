"""A token that calls try last is named beside the one in use, with the true reason."""

from features.models import Installation
from features.tokens import ReceivedToken, alive_tokens_of, keep, put_last
from golive.diagnosis.findings import Status
from mbe.errors import PermissionMissing
from tests.golive.diagnosis.scene import Scene


def test_a_token_that_lacks_a_permission_is_named_beside_the_one_in_use(scene: Scene) -> None:
    scene.comes_in()
    first, *_others = alive_tokens_of(Installation.objects.get().pk)
    keep([ReceivedToken(first.installation, "spare")])
    put_last({first: PermissionMissing("(#200) Requires business_management")})
    found = scene.walk()
    assert found.is_live and found.findings["token"].status == Status.OK
    (seen,) = [each for each in found.findings["token"].seen if "tried last" in each]
    assert "lacked a permission" in seen and "Requires business_management" in seen
    assert "did not show the business" not in seen
