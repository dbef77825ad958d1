"""`bertlab serve` from a built wheel, in an environment and a folder that know no clone."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from serving import ROOT, Server, settled

from bertlab.ui.app.navigation import LESSONS

pytestmark = pytest.mark.exhaustive  # an environment is built, and everything in it is cold


def run(*line: str | Path) -> str:
    return subprocess.run(line, check=True, capture_output=True, text=True, timeout=300).stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation")
    run(*build, "--quiet", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("bertlab-*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment's programs: the wheel in it, and what it needs lent by this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A path in a .pth file is no site folder: the editable install's own is not followed.
    (Path(own) / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return scripts


@pytest.fixture(scope="module")
def served(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("anywhere")
    line = (str(installed / "bertlab"), "serve", "--no-open", "--host", "127.0.0.1")
    server = Server(folder / "runs", line=line, folder=folder).start().wait()
    yield server
    server.stop()


def test_the_wheel_has_every_file_of_the_package_and_of_the_app(wheel: Path):
    files = ("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard")
    package = run(*files, "bertlab").splitlines()
    app = run(*files, "app.py", "pages", "sample_data", ".streamlit").splitlines()
    wanted = {*package, *(f"bertlab/app/{name}" for name in app)}
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == wanted


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path):
    code = "import bertlab, bertlab.app_folder as f; print(bertlab.__file__); print(f.APP)"
    line = [installed / "python", "-c", code]
    told = subprocess.run(line, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    for path in told.split():
        assert Path(path).is_relative_to(installed.parent)


def test_every_lesson_opens(served: Server, page: Page):
    for name, lesson in LESSONS.items():
        page.goto(f"{served.url}/{name}")
        settled(page)
        expect(page.get_by_role("heading", name=lesson.title, exact=True, level=1)).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)


def test_the_settings_beside_the_app_hold(served: Server, page: Page):
    page.emulate_media(color_scheme="dark")
    page.goto(served.url)
    settled(page)
    ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    assert page.evaluate(ground) == "rgb(14, 17, 23)"  # theme.dark of .streamlit/config.toml
    assert "usage statistics" not in served.log.read_text()


def test_under_a_path_prefix(installed: Path, tmp_path: Path, page: Page):
    line = (str(installed / "bertlab"), "serve", "--no-open", "--path-prefix", "/lab/one/")
    server = Server(tmp_path / "runs", line=line, folder=tmp_path, path="/lab/one")
    try:
        page.goto(f"{server.start().wait().url}/tokenization")
        settled(page)
        expect(page.get_by_role("heading", name="Tokenization", exact=True)).to_be_visible()
        link = page.get_by_test_id("stSidebarNav").get_by_role("link", name="Attention")
        assert link.first.get_attribute("href").endswith("/lab/one/attention")
        page.goto("about:blank")  # it would complain of the server's end
    finally:
        server.stop()
