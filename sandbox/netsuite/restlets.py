"""RESTlets: the host where an account's own scripts answer; this account has none."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.netsuite.shapes import ACCOUNT
from sandbox.store import Store
from sandbox.wire import answer

# Ids of NetSuite's standard role of an administrator.
ADMINISTRATOR = 3


class Restlets:
    """The RESTlet host of one account."""

    def __init__(self, store: Store) -> None:
        """Answer for the account of the store."""
        self.store = store

    async def token_info(self, _request: Request) -> Response:
        """Tell whose token a signed request carries."""
        return answer(
            {
                "companyName": "Concord Sandbox",
                "companyId": ACCOUNT,
                "roleName": "Administrator",
                "roleId": ADMINISTRATOR,
                "entityId": 1,
                "userId": 1,
            }
        )

    async def run(self, request: Request) -> Response:
        """Say that there is no such script."""
        script = request.query_params.get("script", "")
        if not script:
            code, sentence = "SSS_MISSING_REQD_ARGUMENT", "Missing argument: script"
            return _error(400, code, sentence)
        sentence = "That Suitelet is invalid, disabled, or no longer exists."
        return _error(404, "SSS_INVALID_SCRIPTLET_ID", sentence)

    def blocked(self) -> Response:
        """Say that too many requests are under way, as this host does."""
        return _error(400, "SSS_REQUEST_LIMIT_EXCEEDED", "Request Limit Exceeded")


def _error(status: int, code: str, sentence: str) -> Response:
    return answer({"error": {"code": code, "message": sentence}}, status)
