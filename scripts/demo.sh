#!/usr/bin/env bash
# Analyses real traffic and says where the result lies.
#
#   demo.sh                        both demo clips of datasets/footage.toml
#   VIDEO=... SCENE=... demo.sh    a clip of one's own with its scene
#   OUT=...                        the folder for the results, out/demo if not given
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

giaolo=target/release/giaolo
out=${OUT:-out/demo}

analyse() {
    local video=$1 scene=$2 folder=$3
    echo
    echo "demo: analysing $video with $scene"
    "$giaolo" analyse "$video" --scene "$scene" --out "$folder" --annotate
    if [[ -d $folder/evidence ]]; then
        "$giaolo" evidence verify "$folder/evidence"
    fi
    echo "demo: look at"
    echo "  $folder/annotated.mp4   what was seen"
    echo "  $folder/counts.csv      who crossed which line"
    echo "  $folder/evidence/       the candidates and their proof"
    echo "  $folder/summary.json    all in figures"
    echo "  $giaolo serve --data $folder   the same in a browser"
}

if [[ -n ${VIDEO:-} || -n ${SCENE:-} ]]; then
    if [[ -z ${VIDEO:-} || -z ${SCENE:-} ]]; then
        echo "demo: VIDEO and SCENE go together: make demo VIDEO=clip.mp4 SCENE=scene.toml" >&2
        exit 2
    fi
    analyse "$VIDEO" "$SCENE" "$out"
    exit 0
fi

var/venv/bin/python scripts/footage.py
for name in Cars-Truck Cars-Cyclist; do
    analyse "var/footage/Testvideo_${name}_FR20_2020-01-01_00-00-00.mp4" \
        "datasets/scenes/otvision-${name,,}.toml" "$out/${name,,}"
done
