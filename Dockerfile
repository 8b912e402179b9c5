# One image for the API, the worker, the UI and the one-shot commands: the command decides.
FROM python:3.13-slim AS build
ENV UV_PROJECT_ENVIRONMENT=/app/.countersign/venv UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy \
    PYTHONDONTWRITEBYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project
COPY . .
# The public origin is written into the pages; the proxy of compose.yaml serves them there.
ARG COUNTERSIGN_PUBLIC_URL=http://localhost:8080
RUN uv sync --frozen --no-dev && .countersign/venv/bin/countersign site

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 countersign
WORKDIR /app
COPY --from=build --chown=countersign /app /app
ENV PATH=/app/.countersign/venv/bin:$PATH PYTHONUNBUFFERED=1 COUNTERSIGN_ENVIRONMENT=production
USER countersign
ENTRYPOINT ["countersign"]
CMD ["api", "--host", "0.0.0.0", "--port", "8000"]
