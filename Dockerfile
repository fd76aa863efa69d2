# docker build -t onrecord . && docker run --read-only -p 8000:8000 -v onrecord:/data onrecord
# tests/container.py builds it, and tries all that is promised here.
FROM python:3.13-slim-trixie AS build

RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends binutils
WORKDIR /src
COPY requirements.lock .
RUN python -m venv --without-pip /opt/onrecord \
    && pip --python /opt/onrecord/bin/python install --no-cache-dir --no-compile \
        --only-binary :all: --require-hashes --requirement requirements.lock
COPY . .
# Half of what is installed are symbols for debuggers and what only building needs. Compiled is what
# running uses: the last step runs it. Times are made whole seconds first, since copying rounds them,
# and what is compiled holds for its source's time.
RUN pip --python /opt/onrecord/bin/python install --no-cache-dir --no-compile \
        --no-deps --no-build-isolation . \
    && pip --python /opt/onrecord/bin/python uninstall --quiet --yes \
        hatchling pathspec pluggy trove-classifiers \
    && find /opt/onrecord -name '*.so*' -exec strip --strip-unneeded {} + \
    && rm /opt/onrecord/lib/python*/site-packages/zstandard/_cffi.* \
    && find /opt/onrecord -name '*.py' -exec touch --date=2020-01-01 {} + \
    && cd /tmp && /opt/onrecord/bin/python -c 'import app.main, sqlalchemy.dialects.postgresql.psycopg' \
    && /opt/onrecord/bin/onrecord migrate


FROM python:3.13-slim-trixie

# A number, so that an orchestrator can see that it is not root.
RUN install --directory --owner=10001 --group=10001 /data
COPY --from=build /opt/onrecord /opt/onrecord

# /data holds the store and what is put aside for a moment; nothing else is ever written.
ENV PATH=/opt/onrecord/bin:$PATH \
    ONRECORD_DATABASE_URL=sqlite:////data/onrecord.db \
    TMPDIR=/data
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD ["python", "-c", "\
import http.client, os, sys; \
server = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('ONRECORD_PORT', 8000)), timeout=2); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]
ENTRYPOINT ["onrecord"]
CMD ["serve", "--host", "0.0.0.0"]
