"""Features of the business's website: a link that works, code to put in, and what Meta has ended."""

from collections.abc import Iterator

from features.activation.handlers.configured import settings_step
from features.activation.handlers.missing import asset_missing
from features.activation.handling import Actor, Look, Step, StepState
from mbe.snippets import chat_plugin, checkbox_plugin, messenger_link


def messenger_chat(look: Look) -> Iterator[Step]:
    """Chat from the website: where Meta has it enabled, the m.me link; the plugin itself has ended."""
    enabled, page_id = look.feature.is_enabled, look.asset("page_id")
    if enabled is None:
        yield Step("not_said_whether_on", StepState.WAITING)
    elif not enabled:
        yield Step("switched_off", StepState.TO_DO, actor=Actor.MERCHANT)
    elif not page_id:
        yield asset_missing("page_id")
    else:
        yield Step("chat_link", StepState.DONE, {"link": messenger_link(page_id)})
        yield Step("chat_plugin_ended", StepState.NOTE, {"snippet": chat_plugin(page_id)})
    if look.wanted is not None:
        yield settings_step(look)


def checkbox(look: Look) -> Iterator[Step]:
    """The checkbox in a form: the business's domain, the Page, and the code on the site, which only a person sees."""
    domain, page_id = look.installation.business.domain.rstrip("/"), look.asset("page_id")
    if not domain:
        yield Step("domain_missing", StepState.TO_DO, actor=Actor.STAFF)
    else:
        yield Step("domain_given", StepState.DONE, {"domain": domain})
    if not page_id:
        yield asset_missing("page_id")
    if domain and page_id:
        snippet = checkbox_plugin(page_id, look.installation.meta_app.app_id, domain)
        yield Step("checkbox_code", StepState.TO_DO, {"snippet": snippet}, actor=Actor.STAFF, is_confirmable=True)
    yield Step("checkbox_may_be_retired", StepState.NOTE)
