"""What is measured, a module per question."""

from bench.plan import Benchmark
from bench.rows import bridge, deliveries, nchan, requests, scale, screen, start

BENCHMARKS: tuple[Benchmark, ...] = (
    *deliveries.BENCHMARKS,
    *nchan.BENCHMARKS,
    *requests.BENCHMARKS,
    *screen.BENCHMARKS,
    *scale.BENCHMARKS,
    *start.BENCHMARKS,
    *bridge.BENCHMARKS,
)
