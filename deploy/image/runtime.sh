#!/bin/sh
# What the image's last stage adds to its base, as root: programs, and the account that everything runs as.
# Shared with scripts/tryImage.sh, so that what was tried is what the Dockerfile runs.
set -eu
# tini reaps what terminals leave behind; the others are what people expect to find in a terminal.
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
  ca-certificates git less openssh-client procps tini > /dev/null
rm -rf /var/lib/apt/lists/*
# A number that an orchestrator can check to be no root, and that belongs to nobody on the machine.
groupadd --gid 10001 holdfast
useradd --uid 10001 --gid 10001 --create-home --shell /bin/bash holdfast
# A volume takes over owner and mode of the folder in its place.
install -d -o holdfast -g holdfast -m 0700 /var/lib/holdfast /var/lib/holdfast-state
