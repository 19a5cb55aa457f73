"""Saved views: the list behind the button Views, and what a person does with them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from agent.errors import NotAllowed, Refused
from agent.records.roles import Role
from agent.records.views import View
from agent.services import Services
from agent.words import t
from dashboard import address
from dashboard.pages import PAGES
from dashboard.routes.people import Person, require, who

ADDRESS = "/views"
YES = ("1", "on", "true", "yes")


def views(services: Services) -> Blueprint:
    """GET /views?path=&at=: the list as HTML. POST /views (name, path, query, shared) keeps one,
    POST /views/ID (name, shared, start) changes it, DELETE /views/ID takes it away; all answer with
    the view.
    """
    rooms = Blueprint("views", __name__)

    @rooms.get(ADDRESS)
    def listed() -> str:
        return render_template("views.html", **_listed(services, _person()))

    @rooms.post(ADDRESS)
    def save() -> Response:
        return jsonify(_told(_save(services, _person())))

    @rooms.post(f"{ADDRESS}/<view_id>")
    def change(view_id: str) -> Response:
        return jsonify(_told(_change(services, _person(), view_id)))

    @rooms.delete(f"{ADDRESS}/<view_id>")
    def remove(view_id: str) -> Response:
        person = _person()
        start = services.records.users.get(person.user_id).start_view == view_id
        view = services.records.views.remove(view_id, _owner(person))
        _note(services, person, view, "removed a shared view")
        return jsonify({**_told(view), "start": start})

    return rooms


def start_of(services: Services, person: Person | None) -> str:
    """The address where somebody arrives who asks for no other; empty for Overview."""
    if person is None or not person.user_id:
        return ""
    chosen = services.records.users.get(person.user_id).start_view
    view = services.records.views.get(chosen) if chosen else None
    return view.address if view and view.address != "/" else ""


def _listed(services: Services, person: Person) -> dict[str, Any]:
    path = request.args.get("path", "/")
    here = address.read(services, path if path in PAGES else "/", request.args.get("at", ""))
    found = services.records.views.all_for(person.user_id)
    return {
        "own": [view for view in found if view.owner == person.user_id],
        "shared": [view for view in found if view.owner != person.user_id],
        "start": services.records.users.get(person.user_id).start_view,
        "path": here.path,
        "query": here.search,
        "here": f"{here.path}?{here.search}",
        "may_share": person.role.allows(Role.ANALYST),
        "may_all": person.role.allows(Role.ADMIN),
    }


def _save(services: Services, person: Person) -> View:
    form = request.form
    shared, path = _wants("shared"), form.get("path", "/")
    if shared:
        require(Role.ANALYST)
    if path not in PAGES:
        raise Refused(t("A view keeps the address of a page of this site."))
    name, query = form.get("name", ""), form.get("query", "")
    view = services.records.views.save(person.user_id, name, path, query, shared=shared)
    if _wants("start"):
        services.records.users.set_start_view(person.user_id, view.view_id)
    _note(services, person, view, "shared a view")
    return view


def _change(services: Services, person: Person, view_id: str) -> View:
    form, kept = request.form, services.records.views
    view = kept.get(view_id)
    if "shared" in form:
        require(Role.ANALYST)
        view = kept.share(view_id, _wants("shared"), _owner(person))
        deed = "shared a view" if view.shared else "took back a shared view"
        services.records.audit.note(person.name, deed, view.name)
    if form.get("name"):
        view = kept.rename(view_id, form["name"], _owner(person))
        _note(services, person, view, "renamed a shared view")
    if "start" in form:
        chosen = view_id if _wants("start") else None
        services.records.users.set_start_view(person.user_id, chosen)
    return view


def _person() -> Person:
    """Whoever is signed in; the holder of a token has no views."""
    person = who()
    if not person.user_id:
        raise NotAllowed(
            t("Views belong to people, not to tokens."), hint=t("Sign in to use them.")
        )
    return person


def _owner(person: Person) -> str:
    """Whose views somebody may change; "" stands for everybody's."""
    return "" if person.role.allows(Role.ADMIN) else person.user_id


def _note(services: Services, person: Person, view: View, deed: str) -> None:
    if view.shared:
        services.records.audit.note(person.name, deed, view.name)


def _wants(name: str) -> bool:
    return request.form.get(name, "") in YES


def _told(view: View) -> dict[str, Any]:
    return {**asdict(view), "created_at": view.created_at.isoformat(), "address": view.address}
