# Scheduler and web in one container: see docs/running.md.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY digest digest
COPY templates templates
RUN python -m venv /srv/venv && /srv/venv/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --home-dir /srv/digest digest \
    && install --directory --owner=digest --group=digest --mode=0750 /srv/digest /srv/digest/state
COPY --from=build /srv/venv /srv/venv
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1
USER digest
WORKDIR /srv/digest
VOLUME /srv/digest/state
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["digest"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
