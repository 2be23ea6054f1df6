"""The published ledger: it keeps its JSON Schema and has every field of the contract.

Run: .venv/bin/python -m pytest -q tests/unit/test_published.py (about 2 s).
"""

import json
import os

import pytest
from jsonschema import Draft202012Validator, ValidationError

from crucible import ledger, register
from crucible.published import SCHEMA_FILE, publish, schema_text

CLAIM_FIELDS = (
    "id article who kind theme claim tested_in verdict condition reason record reach chapter forecast experiments"
)
PART_FIELDS = "id part rule metric unit seeds measured interval placebo verdict chapter"


def invented(experiment: register.Experiment) -> list[ledger.Row]:
    """A measurement for every metric, arm and seed that the rules of an experiment name."""
    wanted = {
        (part.metric, arm)
        for part in experiment.parts
        for arm in (part.arm, part.against, part.placebo.arm, part.placebo.against or part.against)
    }
    return [
        ledger.Row(metric, arm, seed, 10.0 * place + seed % 3)
        for place, (metric, arm) in enumerate(sorted(wanted))
        for seed in experiment.seeds
    ]


@pytest.fixture(scope="module")
def published() -> tuple[register.Register, dict[str, ledger.Outcome], dict]:
    assert not os.environ.get("CRUCIBLE_SEEDS"), "these tests are about the registered seeds"
    book = register.load()
    outcomes = {name: ledger.judge(entry, invented(entry)) for name, entry in book.experiments.items()}
    return book, outcomes, json.loads(publish(book, outcomes).model_dump_json())


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    text = json.loads(SCHEMA_FILE.read_text())
    Draft202012Validator.check_schema(text)
    return Draft202012Validator(text)


def test_the_ledger_keeps_the_committed_schema(published, schema):
    schema.validate(published[2])
    assert any(claim["experiments"] for claim in published[2]["claims"]), "without parts their schema is not tried"


def test_a_ledger_without_measurements_keeps_the_schema_too(published, schema):
    schema.validate(json.loads(publish(published[0], {}).model_dump_json()))


@pytest.mark.parametrize("field", CLAIM_FIELDS.split())
def test_the_schema_refuses_a_claim_without_a_field_of_the_contract(published, schema, field):
    claims = json.loads(json.dumps(published[2]["claims"]))
    del claims[0][field]
    with pytest.raises(ValidationError, match=f"'{field}' is a required property"):
        schema.validate({"claims": claims})


@pytest.mark.parametrize("field", PART_FIELDS.split())
def test_the_schema_refuses_a_part_without_a_field_of_the_contract(published, schema, field):
    claims = json.loads(json.dumps(published[2]["claims"]))
    tested = next(claim for claim in claims if claim["experiments"])
    del tested["experiments"][0][field]
    with pytest.raises(ValidationError, match=f"'{field}' is a required property"):
        schema.validate({"claims": claims})


@pytest.mark.parametrize(("field", "value"), [("verdict", "proven"), ("reach", 4), ("tested_in", "E00"), ("new", 1)])
def test_the_schema_refuses_a_value_outside_the_contract(published, schema, field, value):
    claims = json.loads(json.dumps(published[2]["claims"]))
    claims[0][field] = value
    assert not schema.is_valid({"claims": claims})


def test_the_committed_schema_is_that_of_the_types():
    assert json.loads(SCHEMA_FILE.read_text()) == json.loads(schema_text())
    assert SCHEMA_FILE.read_text().strip() == schema_text().strip()


def test_every_claim_of_the_register_is_published_once(published):
    book, _, data = published
    assert [claim["id"] for claim in data["claims"]] == list(book.claims)
    assert all(claim["id"].startswith(claim["article"] + "/") for claim in data["claims"])


def test_what_is_published_of_a_part_is_what_was_measured(published):
    _, outcomes, data = published
    for claim in data["claims"]:
        for entry in claim["experiments"]:
            part = outcomes[entry["id"]][entry["part"]]
            assert entry["measured"] == list(part.measured)
            assert entry["interval"] == list(part.interval)
            assert entry["placebo"]["measured"] == list(part.placebo_measured)
            assert entry["verdict"] == part.verdict
            assert len(entry["seeds"]) == len(entry["measured"])


def test_the_published_verdict_is_the_measured_one(published):
    book, outcomes, data = published
    measured = {claim["id"]: claim["verdict"] for claim in data["claims"]}
    assert measured == {name: ledger.claim_verdict(claim, book, outcomes) for name, claim in book.claims.items()}
    assert measured != {name: claim.verdict for name, claim in book.claims.items()}, "the invented numbers must differ"


def test_a_claim_that_was_not_run_is_published_without_parts(published):
    book = published[0]
    data = publish(book, {}).model_dump()
    assert all(claim["experiments"] == [] for claim in data["claims"])
    assert [claim["verdict"] for claim in data["claims"]] == [claim.verdict for claim in book.claims.values()]
