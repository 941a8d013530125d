"""Tests, floor by floor: core, services, queries, web, cli, signing, architecture, browser; benchmarks beside them."""
