"""The addresses of this part, under those of a campaign."""

from django.urls import path

from xinzhi.campaign.opinion import views

urlpatterns = [
    path("", views.home, name="opinion"),
    path("upload/", views.upload, name="opinion_upload"),
    path("lists/<int:pk>/withdraw/", views.withdraw, name="opinion_withdraw"),
    path("reports/", views.reports, name="opinion_reports"),
    path("reports/<int:pk>/", views.report, name="opinion_report"),
    path("counting/", views.counting, name="opinion_counting"),
    path("propose/", views.propose, name="opinion_propose"),
    path("proposals/<int:number>/", views.proposal, name="opinion_proposal"),
]
