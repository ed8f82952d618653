#!/bin/sh
# What the image's first stage does in a clone: build.sh OUT. The packages of the lockfile are installed already.
# Shared with scripts/tryImage.sh, so that what was tried is what the Dockerfile runs.
set -eu
out=$1
npm run --silent build
node --import tsx scripts/stageImage.ts "$out"
# From the image's own lockfile, so that nothing of development is in it.
cd "$out"
npm ci --omit=dev --no-fund --no-audit --loglevel=error
