"""The storm and its gate: people rush a registration site, and the answer is PASS, FAIL or VOID.

Two halves meet in one plain record of measurements (``record``): the storm (``storm``, ``worker``, ``people``,
``browser``) fills it, the gate (``limits``, ``invariants``, ``verdict``) judges it, and the evidence (``report``,
``summary``, ``junit``) shows it. A stored record can be judged again without a storm.
"""
