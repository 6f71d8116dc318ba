"""Packs the extension: `python editors/vscode/package.py [FILE.vsix]`, without the network.

A .vsix is a zip file with a manifest; `make vsix` first builds `dist/extension.js`, the client with
its library in it.  The same sources give the same bytes.
"""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FILES = {
    "package.json": HERE / "package.json",
    "language-configuration.json": HERE / "language-configuration.json",
    "syntaxes/cnn.tmLanguage.json": HERE / "syntaxes" / "cnn.tmLanguage.json",
    "dist/extension.js": HERE / "dist" / "extension.js",
    "README.md": ROOT / "docs" / "howto" / "editor.md",
    "LICENSE.txt": ROOT / "LICENSE",
}
"""Path below extension/ -> the file that goes there."""
TYPES = {".json": "application/json", ".js": "application/javascript", ".md": "text/markdown",
         ".txt": "text/plain", ".vsixmanifest": "text/xml"}  # fmt: skip


def manifest(package: dict[str, object]) -> str:
    """The manifest of a package.json."""
    identity = " ".join(
        f"{name}={quoteattr(str(value))}"
        for name, value in (
            ("Language", "en-US"), ("Id", package["name"]), ("Version", package["version"]),
            ("Publisher", package["publisher"]),
        )
    )  # fmt: skip
    engine = quoteattr(str(package["engines"]["vscode"]))  # type: ignore[index]
    categories = ",".join(package["categories"])  # type: ignore[arg-type]
    return f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity {identity}/>
    <DisplayName>{escape(str(package["displayName"]))}</DisplayName>
    <Description xml:space="preserve">{escape(str(package["description"]))}</Description>
    <Tags>cnn,__ext_cnn</Tags>
    <Categories>{escape(categories)}</Categories>
    <License>extension/LICENSE.txt</License>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value={engine}/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
"""  # noqa: E501 -- an element a line


def content_types() -> str:
    """What the endings in the package mean."""
    rows = "".join(
        f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in TYPES.items()
    )
    space = "http://schemas.openxmlformats.org/package/2006/content-types"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="{space}">{rows}</Types>\n'


def pack(out: Path) -> None:
    """Write the package; raises FileNotFoundError where the client has not been built."""
    package = json.loads(FILES["package.json"].read_text(encoding="utf-8"))
    parts = {
        "extension.vsixmanifest": manifest(package).encode(),
        "[Content_Types].xml": content_types().encode(),
        **{f"extension/{name}": path.read_bytes() for name, path in FILES.items()},
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in parts.items():
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED
            )


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/cnnspec.vsix")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        pack(target)
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is missing: `make playground` builds it")
    print(f"{target}  {target.stat().st_size:,} bytes")
