# Stands in for rabbitmq:3.13 where no image can be pulled: the same folders and entry point
FROM ancrage-local/debian
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server \
 && rm -rf /var/lib/apt/lists/* /var/lib/rabbitmq/* /var/lib/rabbitmq/.erlang.cookie \
 && install -d -o rabbitmq -g rabbitmq /etc/rabbitmq/conf.d
# past Debian's wrapper, which wants to change user
ENV PATH=/usr/lib/rabbitmq/bin:$PATH HOME=/var/lib/rabbitmq LANG=C.UTF-8
COPY rabbitmq-entrypoint /usr/local/bin/docker-entrypoint.sh
USER rabbitmq
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
