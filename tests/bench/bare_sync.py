"""The floor of a sync: the bare HTTP round trips and one UPDATE, in as many threads as the worker has lanes."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import requests

from mbe.signature import appsecret_proof
from tests.bench.notices import APP_SECRET, Subject

UPDATE = "UPDATE features_installation SET synced_at = now() WHERE id = %s"
PATHS = ("fbe_business/fbe_installs", "fbe_business")


def round_trips(subjects: Sequence[Subject], lanes: int, graph_root: str, database_url: str, role: str) -> float:
    """Do it for these businesses, with the database's role that sees them all; how many a second."""
    pending = iter(subjects)
    begun_at = time.perf_counter()
    with ThreadPoolExecutor(lanes) as threads:
        for lane in [threads.submit(_lane, pending, graph_root, database_url, role) for _ in range(lanes)]:
            lane.result()
    return len(subjects) / (time.perf_counter() - begun_at)


def _lane(pending: Iterator[Subject], graph_root: str, database_url: str, role: str) -> None:
    options = f"-c role={role}"
    with requests.Session() as session, psycopg.connect(database_url, autocommit=True, options=options) as connection:
        for subject in pending:
            for path in PATHS:
                answer = session.get(
                    f"{graph_root}/{path}",
                    params={
                        "fbe_external_business_id": subject.external_business_id,
                        "appsecret_proof": appsecret_proof(subject.token, APP_SECRET),
                    },
                    headers={"Authorization": f"Bearer {subject.token}"},
                    timeout=10,
                )
                answer.raise_for_status()
            if connection.execute(UPDATE, [subject.installation_id]).rowcount != 1:
                raise SystemExit("the floor has not updated its row")
