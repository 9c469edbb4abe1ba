"""The addresses of people, under those of a campaign."""

from django.urls import path

from xinzhi.campaign.people import views

urlpatterns = [
    path("", views.people, name="people"),
    path("invite/", views.invite, name="invite"),
    path("invite/many/", views.invite_many, name="invite_many"),
    path("invitations/mails/", views.send_mails, name="invitation_mails"),
    path("invitations/<int:id>/revoke/", views.revoke, name="invitation_revoke"),
    path("roles/<int:id>/end/", views.end_role, name="role_end"),
    path("bodies/", views.bodies, name="bodies"),
    path("bodies/<int:id>/approve/", views.approve_body, name="body_approve"),
    path("register/", views.register, name="register"),
]
