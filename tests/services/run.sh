#!/usr/bin/env bash
# The tests marked `services` (jobs, feed, accounts, images) on PostgreSQL and a redis-server of
# the system. Both are installed when missing (Debian, root). The cluster is private, and each
# test process starts a redis-server on a socket of its own (tests/conftest.py), so that nothing
# is shared and a server that already runs here is never touched.
set -euo pipefail
cd "$(dirname "$0")/../.."

need() { command -v "$1" >/dev/null || ls $2 >/dev/null 2>&1; }
if ! need redis-server /usr/bin/redis-server || ! need psql '/usr/lib/postgresql/*/bin/initdb'; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql redis-server
fi

work=$(mktemp -d /tmp/omni-services.XXXX)
stop() {
    [ -d "$work/pg" ] && as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
as_postgres() { if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi; }
trap stop EXIT

# Without autovacuum nothing but a test changes what the planner knows of a table.
pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
chmod 755 "$work"
[ "$(id -u)" = 0 ] && install -d -o postgres -g postgres -m 700 "$work/pg" || mkdir -m 700 "$work/pg"
as_postgres "$pg_bin/initdb" -D "$work/pg" -U postgres --auth=trust --encoding=UTF8 --no-sync >/dev/null
as_postgres "$pg_bin/pg_ctl" -D "$work/pg" -w -l "$work/pg/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c autovacuum=off -c max_connections=300" start >/dev/null

echo "PostgreSQL $("$pg_bin/postgres" --version | awk '{print $3}'), $(redis-server --version | awk '{print $1, $2, $3}')"
export OMNILENS_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
export _OMNILENS_TEST_REDIS_SERVER=$(command -v redis-server)
unset OMNILENS_REDIS_URL REDIS_URL
export DJANGO_SETTINGS_MODULE=project.settings.test OMP_NUM_THREADS=1
.venv/bin/python -m pytest -q -n auto --dist loadgroup -m services "$@"
