#!/bin/bash
# Run once by the database's image, when its volume is empty: a database and a role for each service, and nobody
# else may enter it. The passwords come from the environment.
set -euo pipefail

for service in identity referral placement evaluation notification; do
  variable="ANCRAGE_${service^^}_DATABASE_PASSWORD"
  psql --quiet --set ON_ERROR_STOP=1 --set name="ancrage_$service" --set password="${!variable:?}" \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password' CONNECTION LIMIT 60;
CREATE DATABASE :"name" OWNER :"name" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
