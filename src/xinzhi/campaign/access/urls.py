"""The addresses of tokens."""

from django.urls import path

from xinzhi.campaign.access import views

urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("<int:id>/revoke/", views.revoke, name="token_revoke"),
]
