"""What the shared pages change."""

from kalkan.access.models import User


def choose_language(user: User, language: str) -> None:
    """Remember the language in the account, so that it follows its owner to another computer."""
    User.objects.filter(pk=user.pk).update(language=language)
