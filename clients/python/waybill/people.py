"""Accounts, and the keys of machines; for admins."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Iterator, Optional, Sequence

from .types import ServiceKey, ServiceKeyWithToken, User

if TYPE_CHECKING:
    from .client import Waybill


class Users:
    def __init__(self, client: Waybill) -> None:
        self._client = client

    def get(self, user_id: str) -> User:
        user: User = self._client.request("GET", "/v1/users/{id}", path={"id": user_id}).json()
        return user

    def create(self, email: str, name: str, *, password: Optional[str] = None, roles: Sequence[str] = ("customer",)) -> User:
        """Without a password the user cannot sign in until it is reset."""
        body: Dict[str, Any] = {"email": email, "name": name, "roles": list(roles)}
        if password is not None:
            body["password"] = password
        user: User = self._client.request("POST", "/v1/users", body=body).json()
        return user

    def change(self, user_id: str, *, roles: Optional[Sequence[str]] = None, disabled: Optional[bool] = None) -> User:
        body: Dict[str, Any] = {}
        if roles is not None:
            body["roles"] = list(roles)
        if disabled is not None:
            body["disabled"] = disabled
        user: User = self._client.request("PATCH", "/v1/users/{id}", path={"id": user_id}, body=body).json()
        return user


class ServiceKeys:
    def __init__(self, client: Waybill) -> None:
        self._client = client

    def list(self) -> Iterator[ServiceKey]:
        return self._client.pages("/v1/service-keys", {})

    def create(self, name: str, roles: Sequence[str], *, expires_at: Optional[str] = None) -> ServiceKeyWithToken:
        """The token is shown only here."""
        body: Dict[str, Any] = {"name": name, "roles": list(roles)}
        if expires_at is not None:
            body["expires_at"] = expires_at
        made: ServiceKeyWithToken = self._client.request("POST", "/v1/service-keys", body=body).json()
        return made

    def revoke(self, key_id: str) -> None:
        self._client.request("DELETE", "/v1/service-keys/{id}", path={"id": key_id})
