"""What is measured, a module per question."""

from bench.plan import Benchmark
from bench.rows import deliveries

BENCHMARKS: tuple[Benchmark, ...] = (*deliveries.BENCHMARKS,)
