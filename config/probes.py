"""Two short questions: is the database there, is the broker there?"""

import psycopg
import redis


def is_database_there(database_url: str) -> bool:
    """Tell whether PostgreSQL takes a connection to this database within two seconds."""
    try:
        with psycopg.connect(database_url, connect_timeout=2):
            return True
    except psycopg.Error:
        return False


def is_broker_there(redis_url: str) -> bool:
    """Tell whether the broker answers within a second."""
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=1, socket_connect_timeout=1) as broker:
            return bool(broker.ping())
    except redis.RedisError:
        return False
