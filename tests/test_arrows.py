"""The house's rules about imports and sizes, read from the source itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
DOMAIN = {"partners", "features", "onboarding", "webhooks", "catalogs", "golive"}
EVERY_ROOM = DOMAIN | {"mbe", "sandbox", "config"}
ARROWS: dict[str, set[str]] = {
    "mbe": set(),
    "partners": {"mbe"},
    "features": {"partners", "mbe"},
    "onboarding": {"features", "partners", "mbe"},
    "webhooks": {"features", "partners", "mbe"},
    "catalogs": {"features", "partners", "mbe"},
    "golive": DOMAIN - {"golive"} | {"mbe"},
    "sandbox": {"mbe"},
    "config": EVERY_ROOM,
    "tests": EVERY_ROOM,
}
# Inside an app a module may import its own layer, those before it, and pure modules, which import no models. What has
# no name here is a domain module.
LAYERS = {"models": 0, "tasks": 2, "views": 2, "admin": 3, "urls": 3}
DOMAIN_LAYER = 1
MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40

SOURCES = sorted(
    path.relative_to(PROJECT) for path in PROJECT.glob("*/**/*.py") if path.relative_to(PROJECT).parts[0] in ARROWS
)

APP_SOURCES = [path for path in SOURCES if path.parts[0] in DOMAIN and not {"migrations", "management"} & {*path.parts}]


def _tree(path: Path) -> ast.Module:
    return ast.parse((PROJECT / path).read_text(), filename=str(path))


def _imported(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        package = [*path.parts[:-1]][: len(path.parts) - node.level] if node.level else []
        base = ".".join([*package, *filter(None, [node.module])])
        return [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return []


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        yield from _imported(node, path)


def _rooms_imported(path: Path) -> set[str]:
    return {name.split(".")[0] for name in _imports(path)} & ARROWS.keys()


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _holds_models(path: Path) -> bool:
    return path.stem == "models" or path.stem.endswith("_models")


def _layer(path: Path) -> int:
    return LAYERS["models"] if _holds_models(path) else LAYERS.get(path.stem, DOMAIN_LAYER)


def _is_pure(path: Path) -> bool:
    return _layer(path) == DOMAIN_LAYER and not any(_holds_models(other) for other in _modules_imported(path))


def _modules_imported(path: Path) -> set[Path]:
    return {Path(*name.split(".")).with_suffix(".py") for name in _imports(path)} & set(SOURCES)


def test_every_package_is_a_room_with_arrows() -> None:
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")}
    assert packages <= ARROWS.keys()


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_imports_follow_the_arrows(path: Path) -> None:
    room = path.parts[0]
    assert _rooms_imported(path) - {room} <= ARROWS[room]


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_no_import_of_ours_hides_in_a_function(path: Path) -> None:
    hidden = [
        name
        for function in _functions(path)
        for node in ast.walk(function)
        for name in _imported(node, path)
        if name.split(".")[0] in ARROWS
    ]
    assert hidden == []


@pytest.mark.parametrize("path", APP_SOURCES, ids=str)
def test_no_module_imports_a_layer_above_it(path: Path) -> None:
    above = {other for other in _modules_imported(path) & set(APP_SOURCES) if _layer(other) > _layer(path)}
    assert {other for other in above if not _is_pure(other)} == set()


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parts[0] == "mbe"], ids=str)
def test_meta_in_plain_python_needs_the_standard_library_and_requests_alone(path: Path) -> None:
    outside = {name.split(".")[0] for name in _imports(path)} - set(sys.stdlib_module_names)
    assert outside <= {"mbe", "requests", "urllib3"}


@pytest.mark.parametrize("path", [path for path in SOURCES if "migrations" not in path.parts], ids=str)
def test_files_and_functions_stay_short(path: Path) -> None:
    assert len((PROJECT / path).read_text().splitlines()) <= MOST_LINES
    if path.parts[0] == "tests":
        return
    long = [
        function.name
        for function in _functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []
