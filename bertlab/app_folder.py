"""Where the app's own files are: `app.py`, `pages/`, `sample_data/` and Streamlit's settings.

In a clone they stand at the top level. An installed package carries them inside itself, in
`bertlab/app/`; the wheel is built so.
"""

from pathlib import Path


def find_app_folder(package: Path) -> Path:
    """Find them from the package's folder: the clone that it lies in, or a folder in it.

    find_app_folder(Path("clone/bertlab")) -> Path("clone")
    find_app_folder(Path("site-packages/bertlab")) -> Path("site-packages/bertlab/app")
    """
    clone = package.parent
    is_clone = (clone / "app.py").is_file() and (clone / "pages" / "tokenization.py").is_file()
    return clone if is_clone else package / "app"


APP = find_app_folder(Path(__file__).parent)
SAMPLES = APP / "sample_data"
PAGES = APP / "pages"
