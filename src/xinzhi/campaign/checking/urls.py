"""The addresses of this part, under those of a campaign."""

from django.urls import path

from xinzhi.campaign.checking import views

urlpatterns = [
    path("", views.queue, name="checking_queue"),
    path("selected/", views.selected, name="checking_selected"),
    path("board/", views.board, name="board"),
    path("board/<str:kind>/", views.board_file, name="board_file"),
    path("letters/", views.letters, name="letters"),
    path("letters/today/", views.letters_today, name="letters_today"),
    path("letters/selected/", views.letters_selected, name="letters_selected"),
    path("letters/message/", views.message, name="letters_message"),
    path("letters/<int:pk>/", views.letter, name="letter"),
    path("<uuid:pk>/", views.checked_return, name="checking_return"),
    path("<uuid:pk>/decide/", views.decide, name="checking_decide"),
    path("<uuid:pk>/note/", views.note, name="checking_note"),
    path("<uuid:pk>/contacts/", views.contacts, name="checking_contacts"),
    path("<uuid:pk>/approve/", views.approve, name="checking_approve"),
    path("<uuid:pk>/files/<uuid:file>/", views.file, name="checking_file"),
]
