#!/usr/bin/env bash
# Puts Holdfast up on Databricks Apps: backends and a frontend over one Lakebase database.
# This script checks what it needs and builds; scripts/deploy.ts does the rest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat << 'USAGE'
Puts Holdfast up on Databricks Apps: two backends and a frontend over one Lakebase database.

  ./deploy-dual.sh                    builds, makes what is missing, puts right what drifted, deploys backend
                                      after backend and then the frontend, verifies; puts back on failure
  ./deploy-dual.sh --dry-run          prints every call that would change something, and makes none
  ./deploy-dual.sh --only backend-1   deploys only that; also frontend, backend-2, or several with commas
  ./deploy-dual.sh --when-empty       waits before each backend until its last session has ended
  ./deploy-dual.sh --rotate-keys      makes a new signing key; the old one is believed until the next deployment
  ./deploy-dual.sh --status           a table of apps, releases, sessions and health
  ./deploy-dual.sh --logs             the last lines of each app; with --only, of one
  ./deploy-dual.sh --rollback         puts the release before the running one back
  ./deploy-dual.sh --drain backend-1  lets no new people onto it; with --off, lets them again
  --profile NAME                      a profile of the Databricks CLI

Settings, as variables:

  DATABRICKS_HOST      the workspace, where the profile does not say
  APP_PREFIX           builder: the apps are builder-frontend, builder-backend-1, …
  BACKENDS             2
  COMPUTE_SIZE         LARGE
  LAKEBASE_BRANCH      projects/…/branches/…, and LAKEBASE_DATABASE, its resource name, where there are several
  LAKEBASE_INSTANCE    instead, of the provisioned product; LAKEBASE_DATABASE is then databricks_postgres
  SECRET_SCOPE         the prefix
  STATE_STORE          none, or volume:/Volumes/<catalog>/<schema>/<volume>
  ADMIN_EMAILS         comma-separated; by default whoever deploys
  USERS_GROUP          a group that may use the app
  SHARD_CAPACITY       75
USAGE
}

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

for argument in "$@"; do
  case $argument in
    -h | --help)
      usage
      exit 0
      ;;
  esac
done

command -v node > /dev/null || fail 'There is no Node: Holdfast needs 20.19 or newer.'
command -v databricks > /dev/null || fail 'There is no Databricks CLI: install it and sign in with "databricks auth login".'

node scripts/start.mjs --prepare >&2
exec node --enable-source-maps dist/scripts/deploy.js "$@"
