# BertLab on a CPU, for a class: docker compose up, or
#   docker build -t bertlab . && docker run -p 8501:8501 -v bertlab:/data bertlab
FROM python:3.11-slim
RUN pip install --no-cache-dir torch==2.13.0 --index-url https://download.pytorch.org/whl/cpu
COPY . /source
RUN pip install --no-cache-dir "/source[minilm]" && rm -rf /source \
 && useradd --create-home bertlab && mkdir /data && chown bertlab /data
USER bertlab
WORKDIR /home/bertlab
# Runs and downloaded models outlive the container here.
ENV BERTLAB_RUNS=/data/runs HF_HOME=/data/huggingface
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", \
  "import urllib.request as u; u.urlopen('http://localhost:8501/_stcore/health', timeout=5)"]
CMD ["bertlab", "serve", "--no-open", "--host", "0.0.0.0"]
