"""VCF: a seeded generator, and a parser in pure Python."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

from bench.workloads.drafts import draft_of
from bench.workloads.pace import python_code

# Chromosomes and their lengths in millions of bases: a file's part of all lines.
CHROMOSOMES = {
    "11": 135, "12": 133, "13": 114, "14": 107, "15": 102, "16": 90,
    "17": 83, "18": 80, "19": 59, "20": 64, "21": 47, "22": 51,
}  # fmt: skip
# In a unit of size.
LINES = 480_000
SAMPLES = 40
COLUMNS = ("position", "alternate", "depth", "quality")
BATCH = 8192
# Python releases the GIL in each read, which wakes a thread of Ray's worker that waits for the GIL and
# does not get it. With the default reads of 8 KiB that took 3 % of a core.
READ_BYTES = 1 << 20


def write(folder: Path, size: float) -> None:
    """Write a file for each chromosome."""
    if folder.exists():
        return
    samples = [f"S{number}" for number in range(SAMPLES)]
    columns = ["CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    with draft_of(folder) as draft:
        for chromosome, length in CHROMOSOMES.items():
            count = int(LINES * size * length / sum(CHROMOSOMES.values()))
            with (draft / f"chr{chromosome}.vcf").open("w") as file:
                file.write("##fileformat=VCFv4.2\n#" + "\t".join(columns) + "\n")
                file.writelines(lines(chromosome, count))


def lines(chromosome: str, count: int) -> Iterator[str]:
    rng = random.Random(chromosome)
    genotypes = rng.choices(("0/0", "0/1", "1/1", "0/2", "./."), (70, 18, 8, 2, 2), k=4096)
    calls = [f"{genotype}:{rng.randint(2, 60)}:{rng.randint(0, 99)}" for genotype in genotypes]
    position = 0
    for _ in range(count):
        position += rng.randint(1, 500)
        reference, *alternate = rng.sample("ACGT", 3)
        quality = rng.randint(100, 99999) / 100
        called = "\t".join(rng.choices(calls, k=SAMPLES))
        yield (
            f"chr{chromosome}\t{position}\t.\t{reference}\t{','.join(alternate)}\t{quality}"
            f"\tPASS\tNS={SAMPLES}\tGT:DP:GQ\t{called}\n"
        )


def batches(path: str) -> Iterator[dict[str, list[float]]]:
    """Parse a file: for each line its position, alternate alleles, total depth and quality."""
    with open(path, buffering=READ_BYTES) as file:
        records = (line for line in file if not line.startswith("#"))
        while True:
            batch: dict[str, list[float]] = {name: [] for name in COLUMNS}
            with python_code():
                for line in itertools.islice(records, BATCH):
                    parsed(line, batch)
            yield batch
            if len(batch["position"]) < BATCH:
                break


def parsed(line: str, batch: dict[str, list[float]]) -> None:
    fields = line.rstrip("\n").split("\t")
    alternate = depth = 0
    for call in fields[9:]:
        genotype, reads, _ = call.split(":")
        depth += int(reads)
        alternate += sum(allele not in "0." for allele in genotype.split("/"))
    batch["position"].append(int(fields[1]))
    batch["alternate"].append(alternate)
    batch["depth"].append(depth)
    batch["quality"].append(float(fields[5]))
