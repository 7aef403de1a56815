"""Buttons on an object's page: each is a POST of its own, and one that can harm asks first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise

from partners.leading_back import lead_back
from partners.models import Role
from partners.viewing import viewer


@dataclass(frozen=True)
class Tool:
    """A button that does something to the object.

    `method` names the admin's method, which takes request and object, and may answer with a page of its own.
    `question` is asked on a page before anything happens. `is_for` says for which objects the button is there, `role`
    for whom. One that is not `is_listed` stands elsewhere, with what it is to be told.
    """

    method: str
    label: str | Promise
    question: str | Promise = ""
    role: Role = Role.MANAGER
    is_for: Callable[[Any], bool] = lambda row: True
    is_listed: bool = True


@dataclass(frozen=True)
class Button:
    """A tool or a link as the page shows it; `is_post` is pressed at once, the others lead somewhere."""

    label: str | Promise
    url: str
    is_post: bool = False
    is_external: bool = False


class ObjectToolsMixin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's class takes no parameter at run time
    """Adds `tools` and `links` to the page of an object."""

    tools: ClassVar[Sequence[Tool]] = ()

    def links(self, row: Any) -> list[Button]:
        """Give the links of this object's page."""
        return []

    def get_urls(self) -> list[URLPattern]:
        """Put the tools' addresses before Django's."""
        opts = self.opts
        name = f"{opts.app_label}_{opts.model_name}_tool"
        view = self.admin_site.admin_view(self.tool_view)
        return [path("<path:object_id>/tool/<slug:method>/", view, name=name), *super().get_urls()]

    def tool_view(self, request: HttpRequest, object_id: str, method: str) -> HttpResponse:
        """Ask (GET) or press (POST) one of the tools; a row that the viewer may not see is a 404.

        A GET of one that asks nothing leads back to the object.
        """
        row = self.get_object(request, object_id)
        tool = next((each for each in self.tools if each.method == method), None)
        if row is None or tool is None or not tool.is_for(row) or not self.has_view_permission(request, row):
            raise Http404
        if not viewer(request).may(tool.role):
            raise PermissionDenied
        if request.method == "POST":
            answer: HttpResponse | None = getattr(self, method)(request, row)
            return answer or HttpResponseRedirect(self.address_of(row))
        if not tool.question:
            return lead_back(request, self.address_of(row))
        return self.ask(request, title=tool.label, question=tool.question, rows=[row], back=self.address_of(row))

    def ask(
        self,
        request: HttpRequest,
        *,
        title: object,
        question: object,
        rows: Sequence[Model],
        back: str,
        action: str = "",
    ) -> TemplateResponse:
        """Show a question about these rows; the answer is a POST to the same address."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "question": question,
            "rows": rows,
            "back": back,
            "action": action,
        }
        return TemplateResponse(request, "admin/portal/ask.html", context)

    def address_of(self, row: Model) -> str:
        """Give the address of the object's page."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[quote(row.pk)])

    def buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Give the buttons of this object's page: the tools that are for it and this person, then its links."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_tool"
        tools = [
            Button(tool.label, reverse(name, args=[quote(row.pk), tool.method]), is_post=not tool.question)
            for tool in self.tools
            if tool.is_listed and tool.is_for(row) and viewer(request).may(tool.role)
        ]
        return [*tools, *self.links(row)]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Hand the buttons to the page."""
        context["buttons"] = self.buttons(request, obj) if obj is not None and change else []
        return super().render_change_form(request, context, add, change, form_url, obj)
