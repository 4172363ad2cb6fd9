"""The reference as a page: what the OpenAPI and AsyncAPI documents say, for people.

One static document without a script: each operation, shape and message has an anchor. Knows the two documents
and HTML. Does not know the code that they are made from, nor how the page looks.
"""

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any, Final

from tests.documents.bounds import ID_PATTERN
from tests.documents.reference_style import STYLE

Json = dict[str, Any]

_TITLE: Final = "Tutti: the reference"
_SENT: Final = {"fromClient": "From a client", "fromServer": "From the server"}


def reference(http: Json, socket: Json) -> str:
    """The page."""
    groups = [(tag, list(_operations(http, tag["name"]))) for tag in http["tags"]]
    shapes = http["components"]["schemas"]
    return "".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width,initial-scale=1">\n',
            '<meta name="color-scheme" content="light dark">\n',
            f"<title>{_TITLE}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            f'<div class="page">\n{_header(http)}{_navigation(groups)}<main>\n',
            *(_group(http, tag, operations) for tag, operations in groups if operations),
            _section("refusals", "Refusals", "A refusal bears one of these codes, which are stable."),
            _codes(http["components"]["responses"]),
            _section("shapes", "Shapes", "What bodies and answers are made of."),
            *(_shape(f"shape-{name}", name, shape) for name, shape in shapes.items()),
            _section("socket", "The socket", socket["info"]["description"]),
            _socket(socket),
            "</main>\n</div>\n</body>\n</html>\n",
        ]
    )


def _operations(http: Json, tag: str) -> Iterator[tuple[str, str, Json]]:
    for path, methods in http["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield method.upper(), path, operation


def _navigation(groups: list[tuple[Json, list[tuple[str, str, Json]]]]) -> str:
    items = []
    for tag, operations in groups:
        if operations:
            links = "".join(
                f'<li><a href="#{operation["operationId"]}">{method} {_short(path)}</a></li>'
                for method, path, operation in operations
            )
            items.append(
                f'<li><a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a><ul>{links}</ul></li>\n'
            )
    for title in ("Refusals", "Shapes", "The socket"):
        items.append(f'<li><a href="#{title.split()[-1].lower()}">{title}</a></li>\n')
    return f'<nav aria-label="Contents"><ul>\n{"".join(items)}</ul></nav>\n'


def _short(path: str) -> str:
    return escape(path.removeprefix("/v1"))


def _header(http: Json) -> str:
    token = http["components"]["securitySchemes"]["token"]["description"]
    files = (
        'As files for programs: <a href="/openapi.json">openapi.json</a> and '
        '<a href="/asyncapi.json">asyncapi.json</a>.'
    )
    said = "".join(f'<p class="lead">{text}</p>\n' for text in (_text(_about(http)), _text(token), files))
    return f"<header>\n<h1>What this server does</h1>\n{said}</header>\n"


def _about(document: Json) -> str:
    about: str = document["info"]["description"]
    return about


def _anchor(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())


def _section(anchor: str, title: str, said: str) -> str:
    return f'<h2 id="{anchor}">{escape(title)}</h2>\n<p class="lead">{_text(said)}</p>\n'


def _group(http: Json, tag: Json, operations: Iterable[tuple[str, str, Json]]) -> str:
    told = "".join(_operation(http, *operation) for operation in operations)
    return _section(_anchor(tag["name"]), tag["name"], tag["description"]) + told


def _operation(http: Json, method: str, path: str, operation: Json) -> str:
    anchor = operation["operationId"]
    title = f'<span class="method {method}">{method}</span>{escape(path)}'
    token = "" if operation["security"] else " No token is needed."
    parts = [
        f'<article id="{anchor}"><h3><a href="#{anchor}">{title}</a></h3>',
        f"<p>{_text(operation['summary'])}{token}</p>\n",
    ]
    shared = http["components"]["parameters"]
    parameters = [
        shared[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
        for parameter in operation.get("parameters", [])
    ]
    for title, places in (("In the address", ("path", "query")), ("In the header", ("header",))):
        if rows := [_parameter(parameter) for parameter in parameters if parameter["in"] in places]:
            parts.append(f"<h4>{title}</h4>{_list(rows)}")
    if body := operation.get("requestBody"):
        parts.append(_body(body))
    parts.append(f"<h4>Answers</h4>{_list(list(_answers(operation['responses'])))}")
    if refused := [response["$ref"] for response in operation["responses"].values() if "$ref" in response]:
        items = "".join(_refused(http, reference.rpartition("/")[2]) for reference in refused)
        parts.append(f"<details><summary>Refusals</summary><ul>{items}</ul></details>")
    return "".join(parts) + "</article>\n"


def _refused(http: Json, name: str) -> str:
    codes = ", ".join(
        f'<a href="#code-{code}">{code}</a>' for code in _refusing(http["components"]["responses"][name])
    )
    return f"<li>{name.partition('-')[0]}: {codes}</li>"


def _refusing(response: Json) -> list[str]:
    schema = response["content"]["application/json"]["schema"]
    codes: list[str] = schema["allOf"][1]["properties"]["error"]["properties"]["code"]["enum"]
    return codes


def _codes(responses: Json) -> str:
    """Each code with its sentence, which a response tells in a line of its own."""
    told = {}
    for name, response in responses.items():
        for code, line in zip(_refusing(response), response["description"].splitlines(), strict=True):
            told[code] = (name.partition("-")[0], line.partition(": ")[2])
    rows = "".join(
        f'<dt id="code-{code}"><code>{code}</code> <small>{status}</small></dt><dd>{_text(sentence)}</dd>'
        for code, (status, sentence) in sorted(told.items())
    )
    return f"<article><dl>{rows}</dl></article>\n"


def _parameter(parameter: Json) -> tuple[str, str]:
    name = f"<code>{escape(parameter['name'])}</code>"
    if not parameter["required"]:
        name += " <small>optional</small>"
    said = parameter.get("description", "")
    return name, " ".join(filter(None, [_type(parameter["schema"]), _text(said)]))


def _body(body: Json) -> str:
    told = []
    for media, content in body["content"].items():
        told.append((f"<code>{escape(media)}</code>", _type(content.get("schema", {}))))
    examples = [
        f"<pre>{escape(json.dumps(example['value'], indent=2, ensure_ascii=False))}</pre>"
        for content in body["content"].values()
        for example in content.get("examples", {}).values()
        if not isinstance(example["value"], str)
    ]
    return f"<h4>Body</h4>{_list(told)}{''.join(examples)}"


def _answers(responses: Json) -> Iterator[tuple[str, str]]:
    """The good ones, which stand in the operation itself."""
    for status, response in responses.items():
        if "$ref" in response:
            continue
        content = response.get("content", {})
        shapes = [_type(part["schema"]) or f"<code>{escape(media)}</code>" for media, part in content.items()]
        headers = [f"<code>{escape(name)}</code>" for name in response.get("headers", {})]
        yield (
            f"<code>{status}</code>",
            " ".join(filter(None, [_text(response["description"]), ", ".join(shapes), ", ".join(headers)])),
        )


def _shape(anchor: str, name: str, shape: Json) -> str:
    said = _text(shape.get("description", ""))
    if options := shape.get("oneOf"):
        told = "<p>One of " + ", ".join(_type(option) for option in options) + ".</p>"
    else:
        needed = shape.get("required", [])
        rows = [
            (
                f"<code>{escape(member)}</code>" + ("" if member in needed else " <small>optional</small>"),
                " ".join(filter(None, [_type(schema), _text(schema.get("description", ""))])),
            )
            for member, schema in shape.get("properties", {}).items()
        ]
        rows += [("", _type(schema)) for schema in shape.get("prefixItems", [])]
        told = _list(rows)
    head = f'<article id="{anchor}"><h3><a href="#{anchor}">{escape(name)}</a></h3>'
    return head + (f"<p>{said}</p>" if said else "") + told + "</article>\n"


def _socket(socket: Json) -> str:
    """Messages by who sends them, and what they are made of. A command of a Jam is the same as over HTTP."""
    shapes, messages = socket["components"]["schemas"], socket["components"]["messages"]
    told = []
    for operation, title in _SENT.items():
        names = [
            reference["$ref"].rpartition("/")[2] for reference in socket["operations"][operation]["messages"]
        ]
        told.append(_section(_anchor(operation), title, socket["operations"][operation]["summary"]))
        told += [_shape(f"socket-{name}", messages[name]["name"], shapes[name]) for name in names]
    told.append(_section("socket-shapes", "What messages hold", "Besides commands, which HTTP takes too."))
    told += [
        _shape(f"socket-{name}", name, shape)
        for name, shape in shapes.items()
        if name not in messages and not name.startswith("JamCommand")
    ]
    return re.sub('href="#shape-(?!JamCommand)', 'href="#socket-', "".join(told))


def _type(schema: Json) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#shape-{name}">{escape(name)}</a>'
    if "enum" in schema:
        return " · ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if "const" in schema:
        return f"<code>{escape(str(schema['const']))}</code>"
    if options := schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf"):
        return " or ".join(filter(None, map(_type, options)))
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"[{', '.join(map(_type, schema['prefixItems']))}]"
        case "array":
            return f"list of {_type(schema.get('items', {}))}{_upto(schema.get('maxItems'))}"
        case "string" if schema.get("pattern") == ID_PATTERN:
            return "id"
        case "string":
            return f"string{_upto(schema.get('maxLength'))}"
        case "integer":
            return f"integer{_range(schema)}"
        case str(word):
            return {"object": "map"}.get(word, word)
    return ""


def _upto(most: int | None) -> str:
    return "" if most is None else f" ≤ {most:,}"


def _range(schema: Json) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is None or most is None or most == 2**53 - 1:
        return "" if least in (None, -(2**53) + 1) else f" ≥ {least:,}"
    return f" {least:,} to {most:,}"


def _list(rows: list[tuple[str, str]]) -> str:
    told = "".join(f"<dt>{name}</dt><dd>{said}</dd>" for name, said in rows)
    return f"<dl>{told}</dl>" if rows else ""


def _text(said: str) -> str:
    """Backticks become code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(said))
