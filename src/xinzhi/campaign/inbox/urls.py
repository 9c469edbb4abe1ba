"""The addresses of this part, under those of a campaign."""

from django.urls import path

from xinzhi.campaign.inbox import views

urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("upload/", views.upload, name="inbox_upload"),
    path("fetch/", views.fetch, name="inbox_fetch"),
    path("selected/", views.selected, name="inbox_selected"),
    path("<uuid:pk>/", views.arrival, name="inbox_arrival"),
    path("<uuid:pk>/match/", views.match, name="inbox_match"),
    path("<uuid:pk>/contacts/", views.contacts, name="inbox_contacts"),
    path("<uuid:pk>/reply/", views.reply, name="inbox_reply"),
    path("<uuid:pk>/handled/", views.handle, name="inbox_handle"),
    path("<uuid:pk>/original/", views.original, name="inbox_original"),
    path("<uuid:pk>/<int:item>/", views.item, name="inbox_item"),
    path("<uuid:pk>/<int:item>/files/<uuid:attachment>/inside/", views.take_pictures, name="inbox_pictures"),
    path(
        "<uuid:pk>/<int:item>/files/<uuid:attachment>/inside/<slug:digest>/",
        views.picture,
        name="inbox_picture",
    ),
    path("<uuid:pk>/<int:item>/send/", views.send, name="inbox_send"),
]
