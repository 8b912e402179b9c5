"""Wire types of passwords and the second factor."""

from backend.schemas.common import Wire


class PasswordChange(Wire, frozen=True):
    """Another password of oneself: ``password`` is the present one, ``new`` has 12 to 200 characters."""

    password: str
    new: str


class ResetRequest(Wire, frozen=True):
    """Asks for a link to this address."""

    email: str


class PasswordReset(Wire, frozen=True):
    """Another password by the token of such a link."""

    token: str
    new: str


class PasswordProof(Wire, frozen=True):
    """One's present password, for what a stolen session alone must not do."""

    password: str


class TotpCode(Wire, frozen=True):
    """The code that the app shows."""

    code: str


class TotpState(Wire, frozen=True):
    """Whether log-in asks for a code, and how many recovery codes are left."""

    enabled: bool
    recovery_codes_left: int


class TotpEnrolment(Wire, frozen=True):
    """For the authenticator app: the secret (base32), and the same as an ``otpauth://`` link for a QR code."""

    secret: str
    uri: str


class RecoveryCodes(Wire, frozen=True):
    """Each stands in once for the app. They are shown here and never again."""

    recovery_codes: list[str]
