"""The addresses of this part, under those of a campaign."""

from django.urls import path

from xinzhi.campaign.audit import views as audit
from xinzhi.campaign.results import views

urlpatterns = [
    path("", views.home, name="results"),
    path("freeze/", views.freeze, name="results_freeze"),
    path("order/", views.order, name="results_order"),
    path("compare/", views.comparison, name="results_compare"),
    path("audit/", audit.events, name="audit"),
    path("snapshots/<int:number>/", views.snapshot, name="snapshot"),
    path("snapshots/<int:number>/panel.parquet", views.snapshot_panel, name="snapshot_panel"),
    path("snapshots/<int:number>/about.json", views.snapshot_about, name="snapshot_about"),
    path("<int:number>/", views.result, name="result"),
    path("<int:number>/folder.zip", views.result_folder, name="result_folder"),
    path("<int:number>/propose/", views.propose, name="result_propose"),
]
