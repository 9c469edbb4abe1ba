"""The addresses of filing, under those of a campaign."""

from django.urls import URLPattern, path

from xinzhi.campaign.returns import cell_views, file_views, views

urlpatterns: list[URLPattern] = [
    path("", views.filing_home, name="filing_home"),
    path("start/", views.filing_start, name="filing_start"),
    path("<uuid:id>/", views.form, name="return"),
    path("<uuid:id>/answers/", views.answers, name="return_answers"),
    path("<uuid:id>/send/", views.send, name="return_send"),
    path("<uuid:id>/confirm/", views.confirm, name="return_confirm"),
    path("<uuid:id>/step/<slug:verb>/", views.step, name="return_step"),
    path("<uuid:id>/receipt/<int:number>/", views.receipt, name="return_receipt"),
    path("<uuid:id>/history/", views.history, name="return_history"),
    path("<uuid:id>/cell/", cell_views.cell_save, name="return_cell"),
    path("<uuid:id>/explanation/", cell_views.explanation_save, name="return_explanation"),
    path("<uuid:id>/statement/", cell_views.statement_save, name="return_statement"),
    path("<uuid:id>/files/", file_views.attach, name="return_attach"),
    path("<uuid:id>/files/pieces/", file_views.upload_begin, name="return_upload"),
    path("<uuid:id>/files/pieces/<uuid:upload>/", file_views.upload_piece, name="return_upload_piece"),
    path("<uuid:id>/files/<uuid:attachment>/", file_views.download, name="return_file"),
    path("<uuid:id>/files/<uuid:attachment>/picture/", file_views.picture, name="return_picture"),
    path("<uuid:id>/files/<uuid:attachment>/caption/", file_views.caption, name="return_caption"),
    path("<uuid:id>/files/<uuid:attachment>/remove/", file_views.remove, name="return_file_remove"),
    path("<uuid:id>/files/<uuid:attachment>/inside/", file_views.take_out, name="return_inside"),
    path(
        "<uuid:id>/files/<uuid:attachment>/inside/<slug:digest>/",
        file_views.picture_inside,
        name="return_inside_picture",
    ),
    path("<uuid:id>/form/<slug:kind>/", file_views.form_file, name="return_form_file"),
    path("<uuid:id>/compare/", file_views.compare, name="return_compare"),
    path("<uuid:id>/take-over/", file_views.take_over, name="return_take_over"),
]
