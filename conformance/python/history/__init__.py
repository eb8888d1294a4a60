"""Whether several nodes keep their promises while things break: workers use a deployment and write down when each request began
and ended and what came of it; faults happen meanwhile; afterwards it is searched for an order of events that explains all of it.

What is promised (docs/etcd.md), and so what a history is held to:

- Changes are linearizable: each happens at one moment between its request and its answer, whichever node took it. One without an
  answer happens at some later moment or never, and never twice.
- What reads the store is linearizable, too: lists, and the refusals of changes.
- What is answered from a node's memory (DescribeKey, cryptography, permissions) shows the state of one moment, which is at most the
  bound of freshness before the request; it contains every change that the same node acknowledged before the request, and what an
  earlier answer of that node showed. So two nodes may differ for a moment, but nobody sees anything older than the bound.

`records` what is written down, `registers` the search, `wholes` what is checked over all of a run, `deployment` members of etcd,
nodes and the wires between them, `faults` what breaks, `dates` what comes due by itself, `work` the workers, `run` all of it together.
"""
