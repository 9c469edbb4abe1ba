"""The addresses of a campaign itself."""

from django.urls import path

from xinzhi.campaign.campaigns import views

urlpatterns = [
    path("", views.campaign, name="campaign"),
    path("forms/<slug:form>.<slug:kind>", views.blank_form, name="campaign_form"),
    path("settings/", views.campaign_settings, name="campaign_settings"),
    path("settings/reopen/", views.campaign_reopen, name="campaign_reopen"),
    path("settings/extend/", views.campaign_extend, name="campaign_extend"),
    path("settings/admit/", views.campaign_admit, name="campaign_admit"),
    path("settings/clone/", views.campaign_clone, name="campaign_clone"),
    path("settings/figures/", views.campaign_figures, name="campaign_figures"),
    path("settings/move/<slug:verb>/", views.campaign_move, name="campaign_move"),
]
