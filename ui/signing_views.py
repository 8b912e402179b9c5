"""Who has signed, who still may, and who gave their signature away, in words."""

from backend.schemas.proposals import ProposalCard, Signature
from ui.view_models import DelegationView, SignatureView


def signature_views(card: ProposalCard, me: str) -> list[SignatureView]:
    """The signatures that were given, then those that are open, ``me`` (a user id) first."""
    signed = [_signed(one, me) for one in card.signatures]
    waits = card.decision == "pending"
    missing = max(0, card.required_signatures - card.policy.signed) if waits else 0
    yours = [_yours(card, me)] if card.your_turn and missing else []
    open_slot = SignatureView("Open", "", "", _whose(card, after_you=bool(yours)))
    return signed + yours + [open_slot] * (missing - len(yours))


def delegation_views(card: ProposalCard, me: str) -> list[DelegationView]:
    """Whose signature was given to whom."""
    return [
        DelegationView(
            f"{'You' if one.by.id == me else one.by.name} gave "
            f"{'your' if one.by.id == me else 'their'} signature to "
            f"{'you' if one.to.id == me else one.to.name}",
            one.at.isoformat(),
        )
        for one in card.policy.delegations
    ]


def _signed(signature: Signature, me: str) -> SignatureView:
    by = signature.by
    you = by.id == me
    name = "You" if you else by.name
    return SignatureView(name, by.initials, signature.at.isoformat(), "Signed", you)


def _yours(card: ProposalCard, me: str) -> SignatureView:
    givers = [one.by.name for one in card.policy.delegations if one.to.id == me]
    if givers:
        note = f"For {' and '.join(givers)}"
    elif card.required_signatures - card.policy.signed == 1 and card.policy.others:
        note = f"Yours is open, or that of {_names(card)}"
    else:
        note = "Your signature is open"
    return SignatureView("You", "", "", note, you=True)


def _whose(card: ProposalCard, *, after_you: bool) -> str:
    policy = card.policy
    if policy.different_teams and after_you:
        return "Somebody of another team"
    if not policy.others:
        return "Nobody else may sign it" if after_you else "Nobody may sign it"
    return _names(card)


def _names(card: ProposalCard) -> str:
    policy = card.policy
    *first, last = [one.name for one in policy.others[:3]]
    if policy.others_total > len(first) + 1:
        last = f"{policy.others_total - len(first)} others"
    return f"{', '.join(first)} or {last}" if first else last
