"""The first account of a new platform, made by whoever runs the machine."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.urls import reverse

from xinzhi.campaign.acting import the_system
from xinzhi.campaign.audit.chain import record
from xinzhi.campaign.people.models import User
from xinzhi.campaign.people.operations import give_role


@transaction.atomic
def found_office(email: str, name: str = "") -> str:
    """Make an account of the office for all campaigns; return the path at which its password is set.

    An account that is there already keeps what it has, gets the role, and a new link.
    """
    actor = the_system("command")
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = User.objects.create_user(email, name=name.strip()[:60])
        record(actor, "user.made", f"user:{user.pk}")
    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )
    give_role(actor, user, "office")
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
