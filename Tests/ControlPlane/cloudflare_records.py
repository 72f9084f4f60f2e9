"""What the stand-in for Cloudflare keeps: Workers, their versions and tokens."""

import re
from dataclasses import dataclass, field

from .runtimes import Workerd

NAME = re.compile(r"^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$")
SUBDOMAIN = re.compile(r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
STAMP = "2026-11-21T07:00:00.000000Z"


class Refused(Exception):
    def __init__(self, status: int, code: int, message: str, meta: dict | None = None):
        self.status, self.code, self.message, self.meta = status, code, message, meta


@dataclass
class Token:
    accounts: list[str]
    permissions: set[str] = field(default_factory=lambda: {"workers_scripts:edit", "account_settings:read"})
    kind: str = "user"


@dataclass
class Version:
    id: str
    metadata: dict
    main: str
    modules: dict
    bindings: list
    annotations: dict


@dataclass
class Script:
    name: str
    versions: list[Version] = field(default_factory=list)
    deployments: list[dict] = field(default_factory=list)
    classes: dict = field(default_factory=dict)  # class name -> unique key
    used_exports: bool = False
    migration_tag: str | None = None
    subdomain: bool = False
    last_deployed_from: str = "api"
    runtime: Workerd | None = None

    def version(self, id: str) -> Version:
        for version in self.versions:
            if version.id == id:
                return version
        raise Refused(404, 10221, "This Worker version does not exist.")

    @property
    def live(self) -> Version | None:
        if not self.deployments:
            return None
        return self.version(self.deployments[0]["versions"][0]["version_id"])


def shown(binding: dict) -> dict:
    """As the API gives it back: without the secret."""
    return {k: v for k, v in binding.items() if k != "text" or binding["type"] != "secret_text"}
