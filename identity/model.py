"""Model: what estimation found out, in a file: how much each agreement says.

A model is never changed by a daily run. Another estimation is another version, and a
run with another model is a run over everything.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from identity.entities import ENTITIES
from identity.entities.entity import UNKNOWN, Entity

MODELS = Path(__file__).parent / "models"


class UntrainedError(Exception):
    """A level of a comparison was never seen: the model would guess its weight."""


@dataclass(frozen=True, slots=True)
class Model:
    """An estimated model.

    Attributes:
        entity: what is resolved with it.
        version: counted from 1.
        link_weight: bits of evidence from which two records are linked.
        review_weight: bits from which a person is asked; below, they are two.
        margin: bits by which the best candidate must lead where only one can be right.
        common_words: words that say little in the names of these records.
        shared_domains: domains that many companies have without being one.
        estimated: how, on what and when it was estimated.
        splink: the settings with all parameters, as Splink reads them.
    """

    entity: str
    version: int
    link_weight: float
    review_weight: float
    margin: float
    common_words: tuple[str, ...]
    shared_domains: tuple[str, ...]
    estimated: Mapping[str, Any]
    splink: Mapping[str, Any]

    @property
    def resolves(self) -> Entity:
        """Return what is resolved with it."""
        return ENTITIES[self.entity]

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that a result depends on."""
        told = {
            name: value
            for name, value in self._contents().items()
            if name not in {"version", "estimated"}
        }
        return sha256(_canonical(told)).hexdigest()[:16]

    @property
    def prior(self) -> float:
        """Return the bits with which the evidence of any two records begins."""
        chance = float(self.splink["probability_two_random_records_match"])
        return math.log2(chance / (1 - chance))

    def weights(self) -> dict[str, dict[int, float]]:
        """Return the bits of each level of each comparison.

        Raises:
            UntrainedError: a level has no weight.
        """
        found: dict[str, dict[int, float]] = {}
        for comparison in self.splink["comparisons"]:
            name = comparison["output_column_name"]
            told = [
                each
                for each in comparison["comparison_levels"]
                if not each.get("is_null_level")
            ]
            found[name] = {
                len(told) - 1 - at: _bits(name, level) for at, level in enumerate(told)
            }
        for name, levels in self.resolves.levels.items():
            if found.get(name, {}).keys() != set(levels) - {UNKNOWN}:
                raise UntrainedError(
                    f"The model knows other levels of {name!r} than this program: "
                    f"estimate it again (concord identity estimate {self.entity})."
                )
        return found

    def save(self, path: Path) -> None:
        """Write the model where it is kept, readable and in one fixed order."""
        text = json.dumps(self._contents(), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

    def _contents(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def file_of(entity: str) -> Path:
    """Return the file of the model that an entity is resolved with."""
    return MODELS / f"{entity}.json"


def load(entity: str = "customers") -> Model:
    """Return the model that an entity is resolved with.

    Raises:
        UntrainedError: it is not wholly estimated.
    """
    return read(file_of(entity))


def read(path: Path) -> Model:
    """Return the model that is kept in a file.

    Raises:
        UntrainedError: it is not wholly estimated.
    """
    held = json.loads(path.read_text(encoding="utf-8"))
    held["common_words"] = tuple(held["common_words"])
    held["shared_domains"] = tuple(held["shared_domains"])
    model = Model(**held)
    model.weights()
    return model


def probability(weight: float) -> float:
    """Return the chance that so many bits of evidence stand for."""
    return float(1 / (1 + 2.0**-weight))


def _bits(name: str, level: Mapping[str, Any]) -> float:
    m, u = level.get("m_probability"), level.get("u_probability")
    if not m or not u:
        what = level.get("label_for_charts", level["sql_condition"])
        raise UntrainedError(
            f"The level {what!r} of the comparison {name!r} is not estimated: estimate "
            "the model on more records, or leave the level out."
        )
    return math.log2(m / u)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
