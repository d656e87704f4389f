"""The firewall's rules: those that AWS writes, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# AWS's own rules, and those of them that only count: a form's answers and an editor's pages are longer than 8 kB, and
# hold HTML and addresses.
MANAGED: Mapping[str, Sequence[str]] = {
    "AWSManagedRulesAmazonIpReputationList": (),
    "AWSManagedRulesKnownBadInputsRuleSet": (),
    "AWSManagedRulesCommonRuleSet": (
        "SizeRestrictions_BODY",
        "CrossSiteScripting_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        # An address of a page of a mail, of another site or of a search is in many a query.
        "GenericRFI_QUERYARGUMENTS",
        "SizeRestrictions_QUERYSTRING",
    ),
    "AWSManagedRulesWordPressRuleSet": (),
}
# And the bound on what one address may ask. Each is paid for (promotion/prices.toml).
RULES = len(MANAGED) + 1
