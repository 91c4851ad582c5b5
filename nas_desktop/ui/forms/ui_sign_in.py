"""Compiled from ui/sign_in.ui; do not edit. Run make forms."""

from PySide6.QtCore import (QCoreApplication, QDate, QDateTime, QLocale,
    QMetaObject, QObject, QPoint, QRect,
    QSize, QTime, QUrl, Qt)
from PySide6.QtGui import (QBrush, QColor, QConicalGradient, QCursor,
    QFont, QFontDatabase, QGradient, QIcon,
    QImage, QKeySequence, QLinearGradient, QPainter,
    QPalette, QPixmap, QRadialGradient, QTransform)
from PySide6.QtWidgets import (QApplication, QFrame, QHBoxLayout, QLabel,
    QLineEdit, QPushButton, QSizePolicy, QSpacerItem,
    QVBoxLayout, QWidget)

class Ui_SignIn(object):
    def setupUi(self, SignIn):
        if not SignIn.objectName():
            SignIn.setObjectName(u"SignIn")
        self.outer = QVBoxLayout(SignIn)
        self.outer.setObjectName(u"outer")
        self.above = QSpacerItem(20, 8, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)

        self.outer.addItem(self.above)

        self.middle = QHBoxLayout()
        self.middle.setObjectName(u"middle")
        self.before = QSpacerItem(0, 0, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

        self.middle.addItem(self.before)

        self.signInCard = QFrame(SignIn)
        self.signInCard.setObjectName(u"signInCard")
        self.card = QVBoxLayout(self.signInCard)
        self.card.setSpacing(8)
        self.card.setObjectName(u"card")
        self.card.setContentsMargins(28, 24, 28, 24)
        self.title = QLabel(self.signInCard)
        self.title.setObjectName(u"title")

        self.card.addWidget(self.title)

        self.lead = QLabel(self.signInCard)
        self.lead.setObjectName(u"lead")
        self.lead.setWordWrap(True)

        self.card.addWidget(self.lead)

        self.usernameLabel = QLabel(self.signInCard)
        self.usernameLabel.setObjectName(u"usernameLabel")

        self.card.addWidget(self.usernameLabel)

        self.username = QLineEdit(self.signInCard)
        self.username.setObjectName(u"username")
        self.username.setMaxLength(128)

        self.card.addWidget(self.username)

        self.passwordLabel = QLabel(self.signInCard)
        self.passwordLabel.setObjectName(u"passwordLabel")

        self.card.addWidget(self.passwordLabel)

        self.password = QLineEdit(self.signInCard)
        self.password.setObjectName(u"password")
        self.password.setMaxLength(1024)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)

        self.card.addWidget(self.password)

        self.signInFault = QLabel(self.signInCard)
        self.signInFault.setObjectName(u"signInFault")
        self.signInFault.setWordWrap(True)

        self.card.addWidget(self.signInFault)

        self.signIn = QPushButton(self.signInCard)
        self.signIn.setObjectName(u"signIn")
        self.signIn.setProperty(u"due", True)

        self.card.addWidget(self.signIn)


        self.middle.addWidget(self.signInCard)

        self.after = QSpacerItem(0, 0, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

        self.middle.addItem(self.after)


        self.outer.addLayout(self.middle)

        self.below = QSpacerItem(20, 8, QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)

        self.outer.addItem(self.below)

        self.outer.setStretch(0, 1)
        self.outer.setStretch(2, 2)
#if QT_CONFIG(shortcut)
        self.usernameLabel.setBuddy(self.username)
        self.passwordLabel.setBuddy(self.password)
#endif // QT_CONFIG(shortcut)
        QWidget.setTabOrder(self.username, self.password)
        QWidget.setTabOrder(self.password, self.signIn)

        self.retranslateUi(SignIn)

        QMetaObject.connectSlotsByName(SignIn)
    # setupUi

    def retranslateUi(self, SignIn):
        self.title.setText(QCoreApplication.translate("SignIn", u"Sign in to this desk", None))
        self.title.setProperty(u"role", QCoreApplication.translate("SignIn", u"title", None))
        self.lead.setText(QCoreApplication.translate("SignIn", u"Hits are shown to a named person. What you do with a hit is recorded.", None))
        self.lead.setProperty(u"role", QCoreApplication.translate("SignIn", u"second", None))
        self.usernameLabel.setText(QCoreApplication.translate("SignIn", u"User name", None))
        self.usernameLabel.setProperty(u"role", QCoreApplication.translate("SignIn", u"strong", None))
#if QT_CONFIG(accessibility)
        self.username.setAccessibleName(QCoreApplication.translate("SignIn", u"User name", None))
#endif // QT_CONFIG(accessibility)
        self.passwordLabel.setText(QCoreApplication.translate("SignIn", u"Password", None))
        self.passwordLabel.setProperty(u"role", QCoreApplication.translate("SignIn", u"strong", None))
#if QT_CONFIG(accessibility)
        self.password.setAccessibleName(QCoreApplication.translate("SignIn", u"Password", None))
#endif // QT_CONFIG(accessibility)
        self.signInFault.setText("")
        self.signIn.setText(QCoreApplication.translate("SignIn", u"Sign in", None))
        pass
    # retranslateUi

