"""The one inline script of a bertviz page. It runs the others, which hold data and differ.

A server that allows inline scripts allows those of a foreign hand too. It can allow this one alone,
by its hash, because it is always the same.
"""

import base64
import hashlib

# Each runs when the one before it has: they share their names as if they stood in the page.
RUN_BLOCKS = """
const run = (text) => new Promise((resolve, reject) => {
  const script = document.createElement("script");
  script.src = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  script.onload = resolve;
  script.onerror = () => reject(new Error("a script could not be run"));
  document.head.append(script);
});
(async () => {
  for (const block of document.querySelectorAll('script[type="text/plain"]'))
    await run(block.textContent);
})();
"""


def script_hash(script: bytes) -> str:
    """How a Content-Security-Policy names one inline script.

    >>> script_hash(b"alert(1)")
    "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


HASH = script_hash(RUN_BLOCKS.encode())
# Streamlit 1.67 appends one more to a frame that is as high as its content, always the same too.
# Another version may have another: then the browser tests of bertviz find a complaint.
SIZING_HASH = "'sha256-DDFiVuFZGZu7dauH2HVkuyGeSeHw5ZgKt70bMpVHIwk='"
FRAME_SCRIPTS = f"{HASH} {SIZING_HASH}"  # what a policy allows for a bertviz page in a frame
