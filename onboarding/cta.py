"""CTA defaults of an entry point, filled in for one business."""

from typing import Any

from mbe.placeholders import fill


def fill_defaults(cta_defaults: dict[str, Any], *, external_business_id: str, domain: str) -> dict[str, Any]:
    """Give the CTA defaults for `business_config`, every address filled in for a business (meta-api §1.9)."""

    def filled(key: str, value: Any) -> Any:
        if key.endswith("_url"):
            return fill(value, external_business_id=external_business_id, domain=domain)
        if key == "domains":
            return [fill(each, external_business_id=external_business_id, domain=domain) for each in value]
        return value

    return {name: {key: filled(key, value) for key, value in each.items()} for name, each in cta_defaults.items()}


def uses_domain(cta_defaults: dict[str, Any]) -> bool:
    """Whether an address among the defaults is made from the business's domain."""
    return any("{domain}" in str(value) for each in cta_defaults.values() for value in each.values())
