"""The templates of one account: kept, listed page by page, created, edited, deleted.

Facts cloud-api.md section 4. A new one is PENDING until the sandbox's review decides it, as Meta's is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from .failures import Refusal, no_such_object
from .shape import Fields
from .template_rules import CATEGORIES, check_components, check_language, check_name, check_ttl

CREATIONS_AN_HOUR = 100
TEMPLATES_MOST = 250
LIST_LIMIT = 25
LIST_MOST = 1000
_EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
_ALWAYS = ("id",)
_DEFAULT_FIELDS = ("name", "parameter_format", "components", "language", "status", "category")
_KNOWN_FIELDS = (
    *_DEFAULT_FIELDS, "id", "sub_category", "previous_category", "correct_category", "quality_score",
    "rejected_reason", "message_send_ttl_seconds", "last_updated_time", "library_template_name",
    "cta_url_link_tracking_opted_out", "specific_rejection_reason", "degrees_of_freedom_spec",
)  # fmt: skip
_FILTERS = ("name", "status", "category", "language", "name_or_content", "quality_score")


@dataclass(slots=True)
class Template:
    """One template in one language."""

    id: str
    name: str
    language: str
    category: str  # upper case, as Meta writes it
    components: list[dict[str, object]]
    status: str = "PENDING"
    is_named: bool = False
    quality: str = "UNKNOWN"
    previous_category: str | None = None
    rejected_reason: str = "NONE"
    ttl_seconds: int | None = None
    changed_at: datetime | None = None
    edited_at: list[datetime] = field(default_factory=list)
    is_held: bool = False  # portfolio pacing: accepted sends wait as held_for_quality_assessment

    def shown(self, fields: tuple[str, ...]) -> dict[str, object]:
        """The JSON object with the asked fields; fields without a value are left out, as Meta does."""
        whole: dict[str, object] = {
            "name": self.name,
            "parameter_format": "NAMED" if self.is_named else "POSITIONAL",
            "components": self.components,
            "language": self.language,
            "status": self.status,
            "category": self.category,
            "id": self.id,
            "quality_score": {
                "score": self.quality,
                "date": int(self.changed_at.timestamp()) if self.changed_at else 0,
            },
            "rejected_reason": self.rejected_reason,
        }
        if self.previous_category is not None:
            whole["previous_category"] = self.previous_category
        if self.ttl_seconds is not None:
            whole["message_send_ttl_seconds"] = self.ttl_seconds
        return {key: value for key, value in whole.items() if key in fields or key in _ALWAYS}

    def component(self, kind: str) -> Mapping[str, object] | None:
        """The component of that kind (lower case), None when it has none."""
        for component in self.components:
            if str(component.get("type", "")).lower() == kind:
                return component
        return None


class TemplateShelf:
    """All templates of one account, in the order in which they were made."""

    def __init__(self, next_id: Callable[[], str]) -> None:
        self._next_id = next_id
        self._templates: dict[str, Template] = {}
        self._made_at: list[datetime] = []

    def __iter__(self) -> Iterator[Template]:
        return iter(list(self._templates.values()))

    def find(self, name: str, language: str) -> Template | None:
        """The template, None when there is none of that name in that language."""
        return next((one for one in self if one.name == name and one.language == language), None)

    def get(self, template_id: str) -> Template:
        """The template with that id; raises Refusal 100/33."""
        found = self._templates.get(template_id)
        if found is None:
            raise no_such_object(template_id)
        return found

    def has(self, template_id: str) -> bool:
        """True when that id is one of ours."""
        return template_id in self._templates

    def node(self, template_id: str, fields: str | None) -> dict[str, object]:
        """`GET /{template_id}`."""
        return self.get(template_id).shown(asked_fields(fields, _KNOWN_FIELDS, _DEFAULT_FIELDS))

    def add(self, name: str, language: str, category: str, components: Sequence[Mapping[str, object]]) -> Template:
        """Put an approved template there without review: for worlds and tests. The same rules hold."""
        parts = [dict(one) for one in components]
        is_named = _speaks_in_names(parts)
        _check(name, language, category, parts, is_named)
        made = Template(self._next_id(), name, language, category.upper(), parts, "APPROVED", is_named, "GREEN")
        return self.keep(made)

    def keep(self, template: Template) -> Template:
        """Put one there as it is, without any rule: an old one, or one in a state that cannot be created."""
        self._templates[template.id] = template
        return template

    def create(self, body: Fields, now: datetime) -> Template:
        """`POST message_templates`. Raises Refusal for each broken rule and for the hourly limit."""
        self._made_at = [at for at in self._made_at if at > now - timedelta(hours=1)]
        if len(self._made_at) >= CREATIONS_AN_HOUR:
            raise Refusal(80007, f"At most {CREATIONS_AN_HOUR} templates can be created in an hour.")
        if len(self._templates) >= TEMPLATES_MOST:
            raise Refusal(100, f"The account has {TEMPLATES_MOST} templates, which is the limit.", subcode=2388019)
        name, language = body.text("name"), body.text("language")
        category = body.choice("category", CATEGORIES)
        is_named = body.has("parameter_format") and body.choice("parameter_format", ("named", "positional")) == "named"
        components = _components_of(body)
        ttl = _ttl_of(body)
        body.done()
        _check(name, language, category, components, is_named)
        check_ttl(ttl, category)
        if self.find(name, language) is not None:
            raise Refusal(100, f"Template {name} already exists in {language}.", subcode=2388024)
        self._refuse_twin(components, category, language)
        made = Template(self._next_id(), name, language, category.upper(), components, "PENDING", is_named)
        made.ttl_seconds, made.changed_at = ttl, now
        self._templates[made.id] = made
        self._made_at.append(now)
        return made

    def edit(self, template_id: str, body: Fields, now: datetime) -> Template:
        """`POST /{template_id}`: components, category or ttl; back to review."""
        template = self.get(template_id)
        if template.status not in _EDITABLE:
            raise Refusal(100, f"Only {', '.join(_EDITABLE)} templates can be edited, this one is {template.status}.")
        category = body.choice("category", CATEGORIES) if body.has("category") else template.category.lower()
        if template.status == "APPROVED":
            if category.upper() != template.category:
                raise Refusal(100, "The category of an approved template cannot be edited.")
            day_ago, month_ago = now - timedelta(hours=24), now - timedelta(days=30)
            edits = [at for at in template.edited_at if at > month_ago]
            if len(edits) >= 10 or any(at > day_ago for at in edits):
                raise Refusal(100, "An approved template can be edited once in 24 hours and 10 times in 30 days.")
        ttl = _ttl_of(body)
        components = _components_of(body) if body.has("components") else template.components
        for key in ("name", "language", "parameter_format"):
            body.raw(key)  # Meta's own example of an edit repeats name and language
        body.done()
        _check(template.name, template.language, category, components, template.is_named)
        check_ttl(ttl, category)
        template.components, template.category, template.status = components, category.upper(), "PENDING"
        template.ttl_seconds = template.ttl_seconds if ttl is None else ttl
        template.changed_at = now
        template.edited_at.append(now)
        return template

    def delete(self, name: str, template_id: str | None) -> list[Template]:
        """By name (all languages), or one by its id as well. Returns what went."""
        gone = [one for one in self if one.name == name and template_id in (None, one.id)]
        if not gone:
            raise Refusal(100, f"Message template {name} was not found.", http=404, subcode=2593002)
        if any(one.status == "DISABLED" for one in gone):
            raise Refusal(100, "A disabled template cannot be deleted.")
        for one in gone:
            del self._templates[one.id]
        return gone

    def page(self, query: Mapping[str, str], address: str) -> dict[str, object]:
        """One page of the list; `address` is this list's own, for `paging.next`."""
        fields = asked_fields(query.get("fields"), _KNOWN_FIELDS, _DEFAULT_FIELDS)
        found = [one for one in self if _matches(one, query)]
        return paged([one.shown(fields) for one in found], query, address)

    def _refuse_twin(self, components: list[dict[str, object]], category: str, language: str) -> None:
        if category == "authentication":
            return
        words = _words(components)
        for other in self:
            if other.language == language and _words(other.components) == words:
                raise Refusal(100, f"Body and footer are the same as in template {other.name}.")


def asked_fields(text: str | None, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """The `fields` parameter; brackets and calls such as events{id} are not used here. Raises Refusal."""
    if not text:
        return default
    asked = tuple(part.strip() for part in text.split(",") if part.strip())
    for part in asked:
        if part not in known:
            raise Refusal(100, f"Tried accessing nonexisting field ({part})")
    return asked


def paged(rows: list[dict[str, object]], query: Mapping[str, str], address: str) -> dict[str, object]:
    """Meta's paging: `cursors` always, `next` while there is more. Raises Refusal on a bad limit or cursor."""
    limit_text = query.get("limit", str(LIST_LIMIT))
    if not re.fullmatch(r"[0-9]{1,6}", limit_text) or not 1 <= int(limit_text) <= LIST_MOST:
        raise Refusal(100, f"Param limit must be 1 to {LIST_MOST}.")
    limit = int(limit_text)
    start, end = 0, limit
    if "after" in query:
        start = _place_of(query["after"])
        end = start + limit
    elif "before" in query:
        end = _place_of(query["before"])
        start = max(0, end - limit)
    shown = rows[start:end]
    if not shown:
        return {"data": []}
    last = start + len(shown)
    paging: dict[str, object] = {"cursors": {"before": _cursor(start), "after": _cursor(last)}}
    rest = "&".join(f"{key}={quote(value)}" for key, value in query.items() if key not in ("after", "before"))
    joined = f"{address}?{rest}&" if rest else f"{address}?"
    if last < len(rows):
        paging["next"] = f"{joined}after={_cursor(last)}"
    if start > 0:
        paging["previous"] = f"{joined}before={_cursor(start)}"
    return {"data": shown, "paging": paging}


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(b"place:%d" % place).decode().rstrip("=") + "ZD"


def _place_of(cursor: str) -> int:
    try:
        plain = base64.urlsafe_b64decode(cursor.removesuffix("ZD") + "===").decode()
        return int(plain.removeprefix("place:"))
    except (binascii.Error, ValueError):
        raise Refusal(100, "The paging cursor is not valid.") from None


def _components_of(body: Fields) -> list[dict[str, object]]:
    given = body.raw("components")
    if given is None:
        raise body.missing("components")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Refusal(100, "Param components must be an array of objects.")
    return given


def _ttl_of(body: Fields) -> int | None:
    ttl = body.raw("message_send_ttl_seconds")
    if ttl is not None and (isinstance(ttl, bool) or not isinstance(ttl, int)):
        raise Refusal(100, "Param message_send_ttl_seconds must be an integer.")
    return ttl


def _check(name: str, language: str, category: str, components: list[dict[str, object]], is_named: bool) -> None:
    check_name(name)
    check_language(language)
    places = [Fields(one, f"components[{index}]") for index, one in enumerate(components)]
    check_components(places, category.lower(), is_named)


def _speaks_in_names(components: list[dict[str, object]]) -> bool:
    examples = [one.get("example") for one in components]
    return any(isinstance(one, Mapping) and any(key.endswith("named_params") for key in one) for one in examples)


def _words(components: list[dict[str, object]]) -> tuple[object, ...]:
    kinds = {str(one.get("type", "")).lower(): one.get("text") for one in components}
    return kinds.get("body"), kinds.get("footer")


def _matches(template: Template, query: Mapping[str, str]) -> bool:
    for key in _FILTERS:
        wanted = query.get(key, "").strip("[]").replace('"', "")
        if not wanted:
            continue
        options = [part.strip().lower() for part in wanted.split(",")]
        if key == "name_or_content":
            text = " ".join([template.name, *(str(one.get("text", "")) for one in template.components)]).lower()
            if wanted.lower() not in text:
                return False
        elif key == "name":
            if not any(option in template.name for option in options):  # Meta's filter is a "contains"
                return False
        elif str({"quality_score": template.quality}.get(key) or getattr(template, key)).lower() not in options:
            return False
    return True
