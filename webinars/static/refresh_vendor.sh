#!/bin/sh
# Fetches the vendored files again with `npm pack` and rewrites VENDOR.json. Versions are pinned here and nowhere else; when the
# font's version changes, css/site.css and templates/base.html name the new file. Run by hand, then look at the difference.
set -eu
cd "$(dirname "$0")"
here=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

FONT=5.3.0 HTMX=2.0.11 CHART=4.6.1 LUCIDE=1.62.0 TUS=4.3.1 HLS=1.7.4

unpack() { # NAME VERSION FOLDER
  (cd "$work" && tarball=$(npm pack --silent "$1@$2") && mkdir "$3" && tar xzf "$tarball" -C "$3" --strip-components=1)
}
unpack @fontsource-variable/atkinson-hyperlegible-next "$FONT" font
unpack htmx.org "$HTMX" htmx
unpack chart.js "$CHART" chart
unpack lucide-static "$LUCIDE" lucide
unpack tus-js-client "$TUS" tus
unpack hls.js "$HLS" hls

mkdir -p fonts vendor
rm -f fonts/*.woff2
for subset in latin latin-ext; do
  cp "$work/font/files/atkinson-hyperlegible-next-$subset-wght-normal.woff2" "fonts/atkinson-next-$subset-$FONT.woff2"
done
cp "$work/font/LICENSE" fonts/LICENSE.txt
# For reports on paper: both subsets in one file for each weight, as TrueType. webinars/staff/numbers/report_pdf.py names them.
rm -f fonts/*.ttf
uv run --no-project --with 'fonttools[woff]' python3 - "$here" "$FONT" <<'PYTHON'
import pathlib
import sys
import tempfile

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

fonts, version = pathlib.Path(sys.argv[1]) / "fonts", sys.argv[2]
with tempfile.TemporaryDirectory() as folder:
    for name, weight in (("regular", 400), ("bold", 700)):
        parts = []
        for subset in ("latin", "latin-ext"):
            font = TTFont(fonts / f"atkinson-next-{subset}-{version}.woff2")
            font.flavor = None
            font = instantiateVariableFont(font, {"wght": weight})
            options = Options(layout_features=[], hinting=False, notdef_outline=True)
            subsetter = Subsetter(options)
            subsetter.populate(unicodes=font.getBestCmap())
            subsetter.subset(font)
            for table in {"GSUB", "GPOS", "GDEF", "STAT"} & set(font.keys()):
                del font[table]
            parts.append(f"{folder}/{name}-{subset}.ttf")
            font.save(parts[-1])
        Merger().merge(parts).save(fonts / f"atkinson-next-{name}-{version}.ttf")
PYTHON
cp "$work/htmx/dist/htmx.min.js" vendor/htmx.min.js
cp "$work/htmx/LICENSE" vendor/htmx.LICENSE.txt
# Without its source map's address, which would make browsers ask for a file that is not here.
sed '/^\/\/# sourceMappingURL=/d' "$work/chart/dist/chart.umd.min.js" > vendor/chart.umd.min.js
cp "$work/chart/LICENSE.md" vendor/chart.LICENSE.txt
sed 's/^\/\/# sourceMappingURL=.*$//' "$work/tus/dist/tus.min.js" | sed '/^$/d' > vendor/tus.min.js
cp "$work/tus/LICENSE" vendor/tus.LICENSE.txt
sed 's/^\/\/# sourceMappingURL=.*$//' "$work/hls/dist/hls.light.min.js" | sed '/^$/d' > vendor/hls.light.min.js
cp "$work/hls/LICENSE" vendor/hls.LICENSE.txt
# The icons themselves are written out in templates/components/icons.html.
cp "$work/lucide/LICENSE" vendor/lucide.LICENSE.txt

python3 - "$here" "$FONT" "$HTMX" "$CHART" "$LUCIDE" "$TUS" "$HLS" <<'PYTHON'
import hashlib
import json
import pathlib
import sys

root, (font, htmx, chart, lucide, tus, hls) = pathlib.Path(sys.argv[1]), sys.argv[2:]
parts = [
    ("@fontsource-variable/atkinson-hyperlegible-next", font, "OFL-1.1", "fonts/LICENSE.txt", sorted(root.glob("fonts/*.woff2")) + sorted(root.glob("fonts/*.ttf"))),
    ("htmx.org", htmx, "0BSD", "vendor/htmx.LICENSE.txt", [root / "vendor/htmx.min.js"]),
    ("chart.js", chart, "MIT", "vendor/chart.LICENSE.txt", [root / "vendor/chart.umd.min.js"]),
    ("tus-js-client", tus, "MIT", "vendor/tus.LICENSE.txt", [root / "vendor/tus.min.js"]),
    ("hls.js", hls, "Apache-2.0", "vendor/hls.LICENSE.txt", [root / "vendor/hls.light.min.js"]),
    ("lucide-static", lucide, "ISC AND MIT", "vendor/lucide.LICENSE.txt", []),
]
vendored = [
    {
        "name": name,
        "version": version,
        "licence": licence,
        "licence_file": text,
        "files": {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }
    for name, version, licence, text, files in parts
]
(root / "VENDOR.json").write_text(json.dumps(vendored, indent=2) + "\n")
PYTHON
