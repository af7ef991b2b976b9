# Milepost with its built pages, as one small image for every role: `docker build -t milepost .`

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/milepost
COPY requirements/run.txt requirements/run.txt
RUN /opt/milepost/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements/run.txt
COPY pyproject.toml hatch_build.py README.md CHANGELOG.md LICENSE ./
COPY web web
COPY tracker tracker
RUN /opt/milepost/bin/pip wheel --no-cache-dir --no-deps --wheel-dir /dist . \
    && /opt/milepost/bin/pip install --no-cache-dir --no-deps /dist/*.whl

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin milepost \
    && install --directory --owner milepost --group milepost --mode 0700 /data /keys
COPY --from=build /opt/milepost /opt/milepost
ENV PATH=/opt/milepost/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TRACKER_HOST=0.0.0.0 \
    TRACKER_PORT=8080 \
    TRACKER_DATA=/data
USER milepost
WORKDIR /data
VOLUME ["/data", "/keys"]
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["tracker"]
CMD ["--help"]
