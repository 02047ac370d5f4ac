"""What an organization wants to happen: one column for each decision, filled from a preset."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.brakes import BrakePolicy
from scim_provisioning.protocol.dialects import Tolerance


class Policy(BrakePolicy):
    """The decisions of one connection (A and B rules); no decision is taken anywhere but by these columns."""

    class InitialStatus(models.TextChoices):
        """What a new user is (A9)."""

        PENDING = "pending", _("Pending")
        ACTIVE = "active", _("Active")

    class ExistingUsers(models.TextChoices):
        """What becomes of a user that existed before (A11, B10)."""

        LINK = "link", _("Link and keep as is")
        UPDATE = "update", _("Link and update")
        REJECT = "reject", _("Refuse")

    class VisibleUsers(models.TextChoices):
        """Which users the identity provider can find."""

        MANAGED = "managed", _("Only those that SCIM manages")
        ORGANIZATION = "organization", _("All of the organization")

    class ReactivateTo(models.TextChoices):
        """What a user is after coming back (A15)."""

        ACTIVE = "active", _("Active")
        PREVIOUS = "previous", _("What it was before")

    class AdoptedRemoval(models.TextChoices):
        """What happens to an adopted user that leaves the scope (A14)."""

        DEACTIVATE = "deactivate", _("Deactivate")
        RELEASE = "release", _("Release from SCIM")

    class UserDeletion(models.TextChoices):
        """What DELETE does to the host's user (A16, B30)."""

        DELETE = "delete", _("Delete")
        DEACTIVATE = "deactivate", _("Deactivate")

    class LetterCase(models.TextChoices):
        """What happens to capital letters in userName and work e-mail (B7)."""

        PRESERVE = "preserve", _("Keep")
        FOLD = "fold", _("Make lower-case")
        REJECT = "reject", _("Refuse")

    class Unknown(models.TextChoices):
        """What happens to something that does not exist."""

        REJECT = "reject", _("Refuse")
        IGNORE = "ignore", _("Ignore")

    class Unmapped(models.TextChoices):
        """What happens to attributes the Hub has no place for."""

        KEEP = "keep", _("Keep and return")
        IGNORE = "ignore", _("Ignore")
        REJECT = "reject", _("Refuse")

    class MembersReplace(models.TextChoices):
        """What a replace of members means (R18b)."""

        REPLACE = "replace", _("The full set")
        ADD = "add", _("Add these members")

    class RolesAdd(models.TextChoices):
        """What an add of roles means (B25)."""

        MERGE = "merge", _("Add to the present roles")
        REPLACE = "replace", _("The full set")

    class UnmatchedPath(models.TextChoices):
        """What happens when a path's filter matches no entry (R6)."""

        CREATE = "create", _("Create the entry")
        REJECT = "reject", _("Refuse")

    class NameClash(models.TextChoices):
        """What happens when a group made by hand has the name (A29)."""

        REJECT = "reject", _("Refuse")
        ALLOW = "allow", _("Create a second group")

    class ExternalIdFormat(models.TextChoices):
        """What an externalId must look like (A32)."""

        ANY = "any", _("Anything")
        GUID = "guid", _("A GUID")

    class PatchResponse(models.IntegerChoices):
        """How a PATCH is answered (RFC 7644 section 3.5.2)."""

        RESOURCE = 200, _("200 with the resource")
        NO_CONTENT = 204, _("204 without a body")

    groups = models.BooleanField(_("groups"), default=True, help_text=_("Groups are provisioned."))
    managers = models.BooleanField(_("managers"), default=True, help_text=_("The manager of a user is kept."))
    initial_status = models.CharField(
        _("initial status"),
        max_length=16,
        choices=InitialStatus,
        default=InitialStatus.ACTIVE,
        help_text=_("What a new user is; Pending becomes Active at the first login."),
    )
    existing_users = models.CharField(
        _("existing users"),
        max_length=16,
        choices=ExistingUsers,
        default=ExistingUsers.REJECT,
        help_text=_(
            "What becomes of a user of the organization that existed before and has the same user name or e-mail."
        ),
    )
    visible_users = models.CharField(
        _("visible users"),
        max_length=16,
        choices=VisibleUsers,
        default=VisibleUsers.MANAGED,
        help_text=_("Which users the identity provider finds when it looks for a match."),
    )
    reactivate_to = models.CharField(
        _("reactivate to"),
        max_length=16,
        choices=ReactivateTo,
        default=ReactivateTo.ACTIVE,
        help_text=_("What an Inactive user becomes when it is added to provisioning again."),
    )
    adopted_removal = models.CharField(
        _("removal of adopted users"),
        max_length=16,
        choices=AdoptedRemoval,
        default=AdoptedRemoval.DEACTIVATE,
        help_text=_(
            "What happens to a user that existed before provisioning when it is removed from provisioning."
        ),
    )
    user_deletion = models.CharField(
        _("user deletion"),
        max_length=16,
        choices=UserDeletion,
        default=UserDeletion.DELETE,
        help_text=_("What happens in the Hub when a user is deleted from the directory."),
    )
    letter_case = models.CharField(
        _("letter case"),
        max_length=16,
        choices=LetterCase,
        default=LetterCase.PRESERVE,
        help_text=_("What happens to capital letters in the user name and the work e-mail."),
    )
    unknown_reference = models.CharField(
        _("unknown references"),
        max_length=16,
        choices=Unknown,
        default=Unknown.IGNORE,
        help_text=_("What happens to a department, role or other value that does not exist in the Hub."),
    )
    exclusive_attributes = models.CharField(
        _("exclusive attributes"),
        max_length=16,
        choices=Unknown,
        default=Unknown.IGNORE,
        help_text=_("What happens when two attributes arrive of which only one may be set."),
    )
    unmapped_attributes = models.CharField(
        _("unmapped attributes"),
        max_length=16,
        choices=Unmapped,
        default=Unmapped.KEEP,
        help_text=_("What happens to attributes that the Hub has no place for."),
    )
    dependent_attributes = models.CharField(
        _("dependent attributes"),
        max_length=16,
        choices=Unknown,
        default=Unknown.IGNORE,
        db_default=Unknown.IGNORE.value,
        help_text=_("What happens when an attribute arrives without the one it belongs to."),
    )
    members_replace = models.CharField(
        _("replace of members"),
        max_length=16,
        choices=MembersReplace,
        default=MembersReplace.REPLACE,
        help_text=_("Whether a replace of members is the full set, or members to add."),
    )
    roles_add = models.CharField(
        _("add of roles"),
        max_length=16,
        choices=RolesAdd,
        default=RolesAdd.MERGE,
        help_text=_("Whether an add of roles keeps the present roles, or is the full set."),
    )
    high_roles = models.BooleanField(
        _("high roles"),
        default=False,
        db_default=False,
        help_text=_("Roles that the Hub calls high may be given through this connection."),
    )
    unknown_members = models.CharField(
        _("unknown members"),
        max_length=16,
        choices=Unknown,
        default=Unknown.REJECT,
        help_text=_("What happens to a member of a group that is no user this connection manages."),
    )
    unmatched_path_filter = models.CharField(
        _("unmatched path filter"),
        max_length=16,
        choices=UnmatchedPath,
        default=UnmatchedPath.REJECT,
        help_text=_("What happens when a change names an e-mail or address entry that does not exist yet."),
    )
    group_name_clash = models.CharField(
        _("group name clash"),
        max_length=16,
        choices=NameClash,
        default=NameClash.REJECT,
        help_text=_("What happens when a group that was made by hand has the name of a new group."),
    )
    external_id_format = models.CharField(
        _("externalId format"),
        max_length=16,
        choices=ExternalIdFormat,
        default=ExternalIdFormat.ANY,
        help_text=_("What an externalId must look like; Entra sends a GUID when it is mapped from objectId."),
    )
    external_id_unique = models.BooleanField(
        _("externalId is unique"),
        default=False,
        help_text=_("No two users of this connection may have the same externalId."),
    )
    protect_groups = models.BooleanField(
        _("protect groups"),
        default=True,
        help_text=_("Members of SCIM-managed groups change only through SCIM."),
    )
    user_patch_response = models.PositiveSmallIntegerField(
        _("answer to PATCH of a user"),
        choices=PatchResponse,
        default=PatchResponse.RESOURCE,
        help_text=_("What the identity provider gets back after it has changed a user."),
    )
    group_patch_response = models.PositiveSmallIntegerField(
        _("answer to PATCH of a group"),
        choices=PatchResponse,
        default=PatchResponse.RESOURCE,
        help_text=_("What the identity provider gets back after it has changed a group."),
    )
    token_lifetime = models.PositiveSmallIntegerField(
        _("token lifetime"),
        default=365,
        validators=[MinValueValidator(1), MaxValueValidator(730)],
        help_text=_("Days until a new token expires."),
    )
    token_principal = models.BooleanField(
        _("principal of a token"),
        default=False,
        db_default=False,
        help_text=_(
            "A token works only while the person it was issued to holds the role that the Hub asks for."
        ),
    )
    retention_days = models.PositiveSmallIntegerField(
        _("retention of Inactive users"),
        default=0,
        db_default=0,
        validators=[MinValueValidator(0), MaxValueValidator(3650)],
        help_text=_("Days after which a user that was deactivated and never deleted is removed; 0 keeps it."),
    )

    class Meta(BrakePolicy.Meta):
        abstract = True

    def tolerance(self) -> Tolerance:
        """Return what the dialect layer needs to know of this policy."""
        return Tolerance(
            managers=self.managers,
            roles_add_replaces=self.roles_add == self.RolesAdd.REPLACE,
            refuse_unmapped=self.unmapped_attributes == self.Unmapped.REJECT,
            create_unmatched=self.unmatched_path_filter == self.UnmatchedPath.CREATE,
        )


def policy_fields() -> list[str]:
    """Return the names of the policy columns."""
    return [field.name for field in Policy._meta.get_fields()]
