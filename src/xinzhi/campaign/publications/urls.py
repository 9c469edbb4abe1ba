"""The addresses of this part: those under a campaign, and those that anybody may open."""

from django.urls import path

from xinzhi.campaign.publications import public, views

urlpatterns = [
    path("", views.home, name="publications"),
    path("prepare/", views.prepare, name="publication_prepare"),
    path("<int:number>/", views.publication, name="publication"),
    path("<int:number>/approve/", views.approve, name="publication_approve"),
    path("<int:number>/publish/", views.publish, name="publication_publish"),
    path("<int:number>/withdraw/", views.withdraw, name="publication_withdraw"),
    path("<int:number>/preview/", views.preview, name="publication_preview"),
    path("<int:number>/preview/<path:name>", views.preview, name="publication_preview_file"),
]

everybody = [
    path("", public.newest, name="published"),
    path("editions/", public.all_editions, name="published_editions"),
    path("<int:number>", public.slashed, name="published_edition_slash"),
    path("<int:number>/", public.edition, name="published_edition"),
    path("<int:number>/<path:name>", public.edition, name="published_edition_file"),
    path("<path:name>", public.newest, name="published_file"),
]
